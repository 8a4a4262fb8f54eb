import type { IceServerList } from './ice-servers.js';

/**
 * Server → client, `manycast.v1`, first message on every socket. `resumeToken` continues this session on another
 * socket, of this node or any other; it is replaced at each `resumed`.
 */
export interface Welcome {
  id: 'welcome';
  session: string;
  resumeToken: string;
  node: string;
  /** The client sends a `ping` this often; a socket without a `pong` for twice as long is dead. */
  heartbeatMs: number;
  /** Addresses of the nodes that live, where clients reach each one by itself; empty behind a load balancer. */
  nodes: string[];
  /** RTCConfiguration.iceServers for the client's peer connection. */
  iceServers: IceServerList;
}
