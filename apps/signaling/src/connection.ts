import { randomUUID } from 'node:crypto';
import { CandidateBuffer, type Cluster } from '@manycast/core';
import {
  asSessionId,
  type CloseReason,
  decodeClientMessage,
  type IceCandidate,
  type Presenter,
  type ServerMessage,
  SignalError,
  type SignalingPath,
  type Viewer,
} from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import { ClientAttempt } from './client-attempt.js';
import type { NodeMetrics } from './node-metrics.js';
import { rejection } from './rejection.js';

export interface ConnectionLimits {
  maxCandidates: number;
  maxSessions: number;
  maxErrors: number;
}

export interface ConnectionOptions {
  cluster: Cluster;
  metrics: NodeMetrics;
  log: Logger;
  limits: ConnectionLimits;
}

/** What a connection needs of its socket. */
export interface Outlet {
  send(message: ServerMessage): void;
  close(reason: CloseReason): void;
}

/**
 * One client: decodes what it sends and keeps its present attempt, at most one. A new offer ends the attempt
 * before it; nothing that belongs to an ended attempt is ever sent.
 */
export class Connection {
  private attempt: ClientAttempt | undefined;
  private candidates: CandidateBuffer;
  private errorCount = 0;
  private hasEnded = false;

  constructor(
    private readonly socket: Outlet,
    private readonly path: SignalingPath,
    private readonly options: ConnectionOptions,
  ) {
    this.candidates = new CandidateBuffer(options.limits.maxCandidates);
  }

  receive(frame: string): void {
    if (this.hasEnded) return;
    try {
      const message = decodeClientMessage(frame);
      switch (message.id) {
        case 'presenter':
        case 'viewer':
          return this.offer(message);
        case 'onIceCandidate':
          return this.candidate(message.candidate);
        case 'stop':
          this.leave();
      }
    } catch (error) {
      this.refuse(SignalError.from(error));
    }
  }

  receiveBinary(): void {
    this.refuse(new SignalError('binary-frame'));
  }

  /** The socket is gone or the node goes away: the client leaves. Resolves when it has left, or cannot for now. */
  async end(): Promise<void> {
    this.hasEnded = true;
    await this.leave();
  }

  private offer(message: Presenter | Viewer): void {
    const previous = this.leave();
    const { cluster, metrics, limits } = this.options;
    if (metrics.sessionCount >= limits.maxSessions) {
      return this.socket.send(
        rejection(message.id, this.path, new SignalError('node-full', { retryAfterMs: 1_000 })),
      );
    }
    const session = asSessionId(randomUUID());
    this.attempt = new ClientAttempt(message.id, message.room, session, {
      cluster,
      metrics,
      log: this.options.log.child({ room: message.room, session }),
      candidates: this.candidates,
      path: this.path,
      send: sent => this.socket.send(sent),
    });
    this.attempt.start(message.sdpOffer, previous);
  }

  private candidate(candidate: IceCandidate): void {
    // After a rejection or `stopCommunication` it can only belong to the offer to come.
    if (this.attempt?.isOver) this.leave();
    this.candidates.add(candidate);
  }

  private leave(): Promise<void> {
    const { attempt } = this;
    if (!attempt) return Promise.resolve();
    this.attempt = undefined;
    this.candidates = new CandidateBuffer(this.options.limits.maxCandidates);
    return attempt.end();
  }

  private refuse(error: SignalError): void {
    if (this.hasEnded) return;
    const { metrics, log, limits } = this.options;
    metrics.errors.inc({ code: error.code });
    log.debug({ code: error.code, field: error.field }, error.message);
    this.errorCount += 1;
    if (this.errorCount > limits.maxErrors) {
      this.socket.close('too-many-errors');
      return void this.end();
    }
    const { code, message, field, retryAfterMs } = error;
    this.socket.send({
      id: 'error',
      code,
      message,
      ...(field && { field }),
      ...(retryAfterMs && { retryAfterMs }),
    });
  }
}
