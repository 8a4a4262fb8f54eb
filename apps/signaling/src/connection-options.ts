import type { Cluster, ResumeTokens } from '@manycast/core';
import type { CloseReason, RoomName, ServerMessage, SignalingPath, Speech } from '@manycast/protocol';
import type { Logger, Tracing } from '@manycast/runtime';
import type { Carriers } from './carriers.js';
import type { ChatLimits } from './conversation.js';
import type { IceServers } from './ice-servers.js';
import type { Limits } from './limits/limits.js';
import type { NodeMetrics } from './node-metrics.js';

export interface ConnectionLimits extends ChatLimits {
  maxCandidates: number;
  maxSessions: number;
  maxErrors: number;
  maxSdpChars: number;
  maxMessagesPerS: number;
}

export interface ConnectionOptions {
  cluster: Cluster;
  tokens: ResumeTokens;
  /** Where clients find the nodes that live; empty behind a load balancer. */
  nodeAddresses(): string[];
  iceServers: IceServers;
  metrics: NodeMetrics;
  /** Where joins are told to, if anywhere. */
  tracing?: Tracing;
  log: Logger;
  limits: ConnectionLimits;
  brakes: Limits;
  /** How often a client of `manycast.v1` shows that it is there. */
  clientHeartbeatMs: number;
  carriers: Carriers;
}

/** How a client opened its socket. */
export interface Opening {
  path: SignalingPath;
  speech: Speech;
  /** A client of `manycast.v1` names its room in the address: its token is bound to it before it offers. */
  room: RoomName;
  /** Whose socket it is, as `clientAddress` says it. */
  address: string;
}

/** What a connection needs of its socket. */
export interface Outlet {
  send(message: ServerMessage): void;
  /** False when the client reads too slowly for what can be had again. */
  tell(message: ServerMessage): boolean;
  close(reason: CloseReason): void;
}
