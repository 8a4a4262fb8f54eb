import {
  type Attempt,
  type CandidateBuffer,
  type Cluster,
  type EndpointEvent,
  leave,
  type Outcome,
  presenter,
  type RoomEvent,
  type SessionMedia,
  viewer,
} from '@manycast/core';
import {
  errorCodes,
  type IceCandidate,
  type RoomName,
  type ServerMessage,
  type SessionId,
  SignalError,
  type SignalingPath,
} from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import type { NodeMetrics } from './node-metrics.js';
import { rejection } from './rejection.js';

export interface ClientAttemptOptions {
  cluster: Cluster;
  metrics: NodeMetrics;
  /** Bound to the room and the session. */
  log: Logger;
  candidates: CandidateBuffer;
  path: SignalingPath;
  send(message: ServerMessage): void;
}

const handlers = { presenter, viewer };

/**
 * One attempt of a client, from its offer to its end:
 *
 *   starting ──accepted──▶ active ──end()──▶ ended
 *      └──rejected, end(), or the presenter left──▶ ended
 *
 * Once ended it sends nothing more: a tutorial page throws at a late `iceCandidate`.
 */
export class ClientAttempt implements Attempt {
  private readonly givenUp = new AbortController();
  readonly signal: AbortSignal = this.givenUp.signal;
  private media: SessionMedia | undefined;
  private hasEnded = false;
  /** The newest broadcast of the room that is known to be over. */
  private endedGeneration = 0;

  constructor(
    readonly role: 'presenter' | 'viewer',
    readonly room: RoomName,
    readonly session: SessionId,
    private readonly options: ClientAttemptOptions,
  ) {
    options.metrics.sessions.inc({ role });
    options.metrics.sessionCount += 1;
  }

  /** Answers the offer, after `previous` (the end of the attempt before) is done. Never rejects. */
  async start(sdpOffer: string, previous: Promise<void>): Promise<void> {
    const { cluster, metrics, log } = this.options;
    const stopTimer = metrics.joinSeconds.startTimer({ role: this.role });
    await previous;
    if (this.hasEnded) return;
    const outcome = await handlers[this.role](cluster, this, sdpOffer);
    stopTimer();
    if (this.hasEnded) {
      metrics.joins.inc({ role: this.role, outcome: 'given-up' });
      if (outcome.type === 'accepted') await this.giveBack(outcome.media);
      return;
    }
    if (outcome.type === 'accepted' && outcome.media.generation <= this.endedGeneration) {
      // The presenter left between the confirmation and this line; the endpoint went with the pipeline.
      outcome.media.subscription?.close();
      return this.reject(new SignalError('no-presenter'));
    }
    if (outcome.type === 'rejected') return this.reject(outcome.error);
    log.info(
      { role: this.role, server: outcome.media.server, generation: outcome.media.generation },
      'joined',
    );
    await this.accept(outcome, sdpOffer);
  }

  /** Nothing more is sent for it, nor taken. */
  get isOver(): boolean {
    return this.hasEnded;
  }

  /** The client leaves. Resolves when the store and the media server know; goes on in the background if they are away. */
  async end(): Promise<void> {
    if (!this.markEnded()) return;
    this.givenUp.abort();
    this.options.log.info({ role: this.role }, 'left');
    await this.giveBack(this.media);
  }

  onEndpointEvent(event: EndpointEvent): void {
    if (this.hasEnded) return;
    switch (event.type) {
      case 'candidate-found': {
        const { candidate, sdpMid, sdpMLineIndex } = event.candidate;
        return this.options.send({ id: 'iceCandidate', candidate: { candidate, sdpMid, sdpMLineIndex } });
      }
      case 'connection-state':
      case 'media-state':
        return this.options.log.info({ role: this.role, state: event.state }, event.type);
      case 'media-flow':
        return this.options.log.debug({ ...event }, event.type);
      case 'gathering-done':
    }
  }

  onRoomEvent(event: RoomEvent): void {
    if (event.type !== 'presenter-left') return;
    this.endedGeneration = Math.max(this.endedGeneration, event.generation);
    if (!this.media || this.media.generation > event.generation || !this.markEnded()) return;
    // The store has forgotten the session and the media server its endpoint: there is nothing to give back.
    this.media.subscription?.close();
    this.options.log.info({ role: this.role }, 'the presenter left');
    this.options.send({ id: 'stopCommunication' });
  }

  /** Answer first, then gather, then the candidates that came early (Kurento/bugtracker #539, #540). */
  private async accept(
    { sdpAnswer, media }: Extract<Outcome, { type: 'accepted' }>,
    sdpOffer: string,
  ): Promise<void> {
    const { cluster, candidates, metrics, send } = this.options;
    this.media = media;
    metrics.joins.inc({ role: this.role, outcome: 'accepted' });
    send({ id: `${this.role}Response`, response: 'accepted', sdpAnswer });
    try {
      await cluster.media.gatherCandidates(media);
    } catch (error) {
      return this.fail(SignalError.from(error));
    }
    candidates.open(candidate => {
      if (!this.hasEnded && belongsTo(sdpOffer, candidate)) this.addCandidate(media, candidate);
    });
  }

  private addCandidate(media: SessionMedia, candidate: IceCandidate): void {
    const { cluster, metrics, log, send } = this.options;
    cluster.media.addIceCandidate(media, candidate).catch(thrown => {
      const { code, message } = SignalError.from(thrown);
      metrics.errors.inc({ code });
      log[errorCodes[code].log]({ code }, 'candidate not taken');
      if (!this.hasEnded) send({ id: 'error', code, message, field: 'candidate' });
    });
  }

  /** The endpoint is of no use: the client is told, and everything goes. */
  private async fail(error: SignalError): Promise<void> {
    if (this.hasEnded) return;
    this.report(error);
    this.options.send({ id: 'error', code: error.code, message: error.message });
    if (this.role === 'viewer') this.options.send({ id: 'stopCommunication' });
    await this.end();
  }

  private reject(error: SignalError): void {
    this.markEnded();
    this.options.metrics.joins.inc({ role: this.role, outcome: error.code });
    this.report(error);
    this.options.send(rejection(this.role, this.options.path, error));
  }

  private report(error: SignalError): void {
    const { code, cause } = error;
    this.options.log[errorCodes[code].log](
      { role: this.role, code, ...(cause ? { err: cause } : {}) },
      error.message,
    );
  }

  private async giveBack(media: SessionMedia | undefined): Promise<void> {
    media?.subscription?.close();
    const { cluster } = this.options;
    await cluster.undo.run('leave', () => leave(cluster, this, media));
  }

  /** False when it had ended before. */
  private markEnded(): boolean {
    if (this.hasEnded) return false;
    this.hasEnded = true;
    this.options.metrics.sessions.dec({ role: this.role });
    this.options.metrics.sessionCount -= 1;
    return true;
  }
}

/** A candidate left over from a former attempt on this socket carries that one's user name. */
function belongsTo(sdpOffer: string, { usernameFragment }: IceCandidate): boolean {
  return !usernameFragment || sdpOffer.includes(`a=ice-ufrag:${usernameFragment}`);
}
