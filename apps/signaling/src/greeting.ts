import { randomUUID } from 'node:crypto';
import { asSessionId, type SessionId } from '@manycast/protocol';
import type { ConnectionOptions, Opening, Outlet } from './connection-options.js';

/**
 * The session that the next offer of a socket will have. A client of `manycast.v1` is told it before it offers, so
 * that it can resume whatever happens then. Each is used once.
 */
export class Greeting {
  /** Made when it is asked for: most clients never need a second one, which would weigh half a kilobyte. */
  private next: SessionId | undefined;
  /** The session of the last `welcome` is taken, or its client has no use for it. */
  private isUsed = false;

  constructor(
    private readonly socket: Outlet,
    private readonly opening: Opening,
    private readonly options: Pick<
      ConnectionOptions,
      'cluster' | 'tokens' | 'nodeAddresses' | 'iceServers' | 'clientHeartbeatMs'
    >,
  ) {}

  /** To be called first of all; said again before each further session on this socket. */
  welcome(): void {
    if (this.opening.speech === 'tutorial') return;
    const { cluster, tokens, nodeAddresses, iceServers, clientHeartbeatMs: heartbeatMs } = this.options;
    const session = this.nextSession();
    this.socket.send({
      id: 'welcome',
      session,
      resumeToken: tokens.sign({ room: this.opening.room, session, epoch: 1 }),
      node: cluster.node,
      nodes: nodeAddresses(),
      heartbeatMs,
      iceServers: iceServers.mint(session),
    });
  }

  /** The session for an offer; a client is welcomed anew before it has another one. */
  takeSession(): SessionId {
    if (this.isUsed) this.welcome();
    const session = this.nextSession();
    this.next = undefined;
    this.isUsed = true;
    return session;
  }

  private nextSession(): SessionId {
    this.next ??= asSessionId(randomUUID());
    return this.next;
  }

  /** The client has brought its own session along, and the token of `resumed` is what it goes on with. */
  discard(): void {
    this.isUsed = true;
  }
}
