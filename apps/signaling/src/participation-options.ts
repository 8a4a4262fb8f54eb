import type { Cluster, Grants } from '@manycast/core';
import type { ServerMessage, SignalingPath, Speech } from '@manycast/protocol';
import type { Logger, Tracing } from '@manycast/runtime';
import type { Limits } from './limits/limits.js';
import type { NodeMetrics } from './node-metrics.js';
import type { SessionTrail } from './session-trail.js';

export interface ParticipationOptions {
  cluster: Cluster;
  metrics: NodeMetrics;
  log: Logger;
  path: SignalingPath;
  speech: Speech;
  brakes: Limits;
  trail: SessionTrail;
  tracing: Tracing;
  /** Of a session that was let in before. */
  grants?: Grants;
  send(message: ServerMessage): void;
  /** An offer was accepted, and the client knows. */
  onJoined(): void;
  onOver(): void;
}
