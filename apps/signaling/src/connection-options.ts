import type { Cluster, ResumeTokens } from '@manycast/core';
import type {
  CloseReason,
  RoomName,
  ServerMessage,
  SessionId,
  SignalingPath,
  Speech,
} from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import type { Connection } from './connection.js';
import type { NodeMetrics } from './node-metrics.js';

export interface ConnectionLimits {
  maxCandidates: number;
  maxSessions: number;
  maxErrors: number;
}

export interface ConnectionOptions {
  cluster: Cluster;
  tokens: ResumeTokens;
  /** Where clients find the nodes that live; empty behind a load balancer. */
  nodeAddresses(): string[];
  metrics: NodeMetrics;
  log: Logger;
  limits: ConnectionLimits;
  /** How often a client of `manycast.v1` shows that it is there. */
  clientHeartbeatMs: number;
  /** Called when a session begins or ceases to be attached here. */
  onAttached(connection: Connection, session: SessionId): void;
  onGone(connection: Connection, session: SessionId): void;
  /** Whether some socket of this node, another than `except`, carries the session or is just resuming it. */
  isCarried(session: SessionId, except?: Connection): boolean;
}

/** How a client opened its socket. */
export interface Opening {
  path: SignalingPath;
  speech: Speech;
  /** A client of `manycast.v1` names its room in the address: its token is bound to it before it offers. */
  room: RoomName;
}

/** What a connection needs of its socket. */
export interface Outlet {
  send(message: ServerMessage): void;
  close(reason: CloseReason): void;
}
