import { setTimeout as pause } from 'node:timers/promises';
import {
  type Attachment,
  type CandidateBuffer,
  detach,
  type EndpointEvent,
  type JoinedMedia,
  leave,
  type Outcome,
  openGrants,
  presenter,
  type RestoreStatus,
  type Role,
  type RoomEvent,
  type SessionMedia,
  type Subscription,
  viewer,
} from '@manycast/core';
import { errorCodes, type Presenter, SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import { Admission } from './admission.js';
import { ClientOffer } from './client-offer.js';
import { candidatesOf, EndpointRelay } from './endpoint-relay.js';
import { JoinClock } from './join-clock.js';
import type { ParticipationOptions } from './participation-options.js';
import { rejection } from './rejection.js';
import { RoomDelivery } from './room-delivery.js';
import { recordOf } from './session-record.js';
import type { SessionTrail } from './session-trail.js';

const handlers = { presenter, viewer };

/** The end of its broadcast reaches a presenter's node by one channel, why it was expelled by another. */
const expelledWithinMs = 1_000;

/**
 * A session as long as it is attached to one socket:
 *
 *   joining ──accepted──▶ present ──offer()──▶ joining (the media before plays on)
 *      any ──rejected, end(), detach(), letGo(), or the presenter left──▶ over
 *
 * Once over it sends nothing more: a tutorial page throws at a late `iceCandidate`.
 */
export class Participation {
  private offerNow: ClientOffer | undefined;
  private working: Promise<void> = Promise.resolve();
  private media: (SessionMedia & Partial<JoinedMedia>) | undefined;
  private subscription: Subscription | undefined;
  /** Of the last offer that was answered. */
  private clock: JoinClock | undefined;
  private hasEnded = false;
  /** Tells the store, and the media server, how the session has ended here; idempotent. Undefined while it has not, or when nobody needs to be told. */
  private ending: (() => Promise<void>) | undefined;
  readonly admission: Admission;
  private readonly delivery: RoomDelivery;
  private readonly relay: EndpointRelay;
  private readonly trail: SessionTrail;

  constructor(
    readonly role: Role,
    readonly attachment: Attachment,
    private readonly options: ParticipationOptions,
  ) {
    this.trail = options.trail;
    this.admission = new Admission(options.cluster, role, attachment, options.brakes, options.grants);
    // Field by field: an object that was spread has a shape of its own, which costs more than all that is in it.
    const { speech, send } = options;
    this.delivery = new RoomDelivery({
      speech,
      send,
      onPresenterLeft: generation => this.presenterLeft(generation),
      onPresenterLive: generation => this.mediaMoved(generation),
    });
    this.relay = new EndpointRelay(options, this);
    options.metrics.sessions.inc({ role });
    options.metrics.sessionCount += 1;
  }

  /**
   * Bound to the room and the session. Made anew each time: it has little to say in its life, and a logger that is kept
   * weighs a tenth of what the session does.
   */
  get log(): Logger {
    const { room, session } = this.attachment;
    return this.options.log.child({ room, session, trace: this.trail.trace });
  }

  /** Nothing more is sent for it, nor taken. */
  get isOver(): boolean {
    return this.hasEnded;
  }

  /**
   * The store has lost its data: says what it was, unless there was nothing yet. Tells how the session stands there
   * now. Throws SignalError `unavailable`.
   */
  async putBack(): Promise<RestoreStatus | 'nothing'> {
    const { media, role, attachment } = this;
    if (!media || this.hasEnded) return 'nothing';
    const { cluster, speech } = this.options;
    const grants = this.admission.grants ?? openGrants;
    const { trace } = this.trail;
    const record = recordOf({ role, attachment, speech, grants, trace, media, seq: this.delivery.seq });
    const standing = await cluster.rooms.restore(record);
    // What was said of its end may have come before.
    if (this.ending) await this.ending();
    else if (standing === 'restored') {
      const { room } = attachment;
      const { generation, server } = media;
      await cluster.pool.restore({ room, generation, server, slots: record.slots });
    }
    return standing;
  }

  /** Answers an offer, after `previous` is done. A later one replaces it. Never rejects. */
  offer(
    { sdpOffer, token }: Pick<Presenter, 'sdpOffer' | 'token'>,
    candidates: CandidateBuffer,
    previous: Promise<void> = Promise.resolve(),
  ): void {
    this.offerNow?.giveUp();
    const offer = this.newOffer();
    this.offerNow = offer;
    this.working = Promise.all([this.working, previous]).then(() =>
      this.answer(offer, { sdpOffer, token }, candidates),
    );
  }

  /** The session goes on from another socket, with the media it had there. */
  continue(
    offer: ClientOffer,
    at: { media: SessionMedia | null; seq: number; subscription: Subscription },
    candidates: CandidateBuffer,
  ): void {
    this.offerNow = offer;
    this.media = at.media ?? undefined;
    this.delivery.startAfter(at.seq);
    this.subscription = at.subscription;
    if (at.media) this.relay.open(offer, at.media, candidates, () => true);
  }

  /** Its client goes on from here, and has been told. */
  noteResumed(renegotiate: boolean): void {
    this.trail.note('resumed', { epoch: this.attachment.epoch, renegotiate });
  }

  newOffer(): ClientOffer {
    return new ClientOffer(
      this.attachment,
      this.options.speech,
      this.admission.grants ?? openGrants,
      this.trail.trace,
      {
        onEndpointEvent: event => this.onEndpointEvent(event),
        onRoomEvent: event => this.onRoomEvent(event),
      },
    );
  }

  /** The client leaves. Resolves when the store and the media server know; goes on in the background if they are away. */
  async end(): Promise<void> {
    if (!this.markEnded()) return;
    this.ending = () => this.leave();
    this.offerNow?.giveUp();
    this.log.info({ role: this.role }, 'left');
    this.trail.note('left');
    if (!this.media) this.admission.giveBack();
    await this.leave();
  }

  /** The socket is gone but its client may come back. What is under way is finished first: it may be resumed. */
  async detach(): Promise<void> {
    if (!this.markEnded()) return;
    const { cluster, speech } = this.options;
    await this.working;
    this.subscription?.close();
    if (this.media) cluster.media.disown(this.media);
    this.log.info({ role: this.role }, 'detached');
    this.trail.note('detached');
    const absent = { ...this.attachment, role: this.role, speech };
    this.ending = () => cluster.undo.run('detach', () => detach(cluster, absent));
    await this.ending();
  }

  /** Says to the store that the session is attached here. Throws SignalError `unavailable`. */
  async hold(): Promise<'held' | 'fenced' | 'unknown'> {
    // What is joining for the first time says so itself when it is done.
    if (!this.media || this.hasEnded) return 'held';
    return this.options.cluster.rooms.hold(this.attachment);
  }

  /** The session is attached elsewhere by now: nothing of it is touched. `isMediaOurs`: to another socket of this node. */
  letGo({ isMediaOurs }: { isMediaOurs: boolean }): void {
    if (!this.markEnded()) return;
    this.offerNow?.giveUp();
    this.subscription?.close();
    if (this.media && !isMediaOurs) this.options.cluster.media.disown(this.media);
    this.log.info({ role: this.role }, 'superseded');
    this.trail.note('superseded');
  }

  /** The session's endpoint is gone from its media server; one of a later generation than that is another. */
  loseMedia(generation = Number.POSITIVE_INFINITY): void {
    if (this.hasEnded || !this.media || this.media.generation > generation) return;
    this.trail.note('media-lost');
    if (this.options.speech === 'manycast.v1') {
      this.options.send({ id: 'renegotiate', reason: 'media-lost', generation: this.media.generation });
    } else {
      this.fail(new SignalError('media-gone'));
    }
  }

  /** The room is to go on elsewhere, as `generation`; what the client has plays on until it has built that. */
  moveMedia(generation: number): void {
    if (this.hasEnded || !this.media || this.media.generation >= generation) return;
    if (this.options.speech === 'manycast.v1')
      this.options.send({ id: 'renegotiate', reason: 'media-moved', generation });
  }

  onRoomEvent(event: RoomEvent): void {
    if (!this.hasEnded) this.delivery.onRoomEvent(event);
  }

  onEndpointEvent(event: EndpointEvent): void {
    if (!this.hasEnded) {
      this.clock?.onEndpointEvent(event);
      this.trail.onEndpointEvent(event);
    }
    this.relay.onEndpointEvent(event);
  }

  private presenterLeft(generation: number): void {
    if (!this.media || this.media.generation > generation) return;
    if (this.role === 'presenter') return void this.endedByOthers();
    this.markEnded();
    // The store has forgotten the session and the media server its endpoint: there is nothing to give back but what is
    // being offered for, which may just be joining the next broadcast.
    this.ending = () => this.leave();
    this.offerNow?.giveUp();
    this.subscription?.close();
    this.log.info({ role: this.role }, 'the presenter left');
    this.trail.note('left', { why: 'the presenter left' });
    this.options.send({ id: 'stopCommunication' });
  }

  /**
   * Of its own leaving it does not hear. One that is expelled is told so by itself; otherwise its media was lost and
   * there was no place for it in time, and nobody else tells it.
   */
  private async endedByOthers(): Promise<void> {
    await pause(expelledWithinMs, undefined, { ref: false });
    await this.options.cluster.undo.run('learn whether the session has ended', async () => {
      if ((await this.hold()) === 'unknown') this.loseMedia();
    });
  }

  private mediaMoved(generation: number): void {
    if (this.hasEnded) return;
    if (this.role === 'presenter' || !this.media || this.media.generation >= generation) return;
    if (this.options.speech === 'manycast.v1') {
      this.options.send({ id: 'renegotiate', reason: 'media-moved', generation });
      return;
    }
    // A tutorial page can be told that it is over, and nothing more.
    this.options.send({ id: 'stopCommunication' });
    void this.end();
  }

  private async answer(
    offer: ClientOffer,
    { sdpOffer, token }: Pick<Presenter, 'sdpOffer' | 'token'>,
    candidates: CandidateBuffer,
  ): Promise<void> {
    const { cluster, metrics } = this.options;
    if (offer.isGivenUp) return;
    const refusal = await this.letIn(offer, token);
    if (this.hasEnded || offer.isGivenUp) return;
    if (refusal) return this.reject({ error: refusal, isOver: false });
    const stopTimer = metrics.joinSeconds.startTimer({ role: this.role });
    this.trail.note('offered');
    const { trace } = this.trail;
    const clock = new JoinClock(this.role, metrics, undefined, { tracing: this.options.tracing, trace });
    const outcome = await handlers[this.role](clock.around(cluster), offer, sdpOffer);
    stopTimer();
    if (this.hasEnded || offer.isGivenUp) return this.takeBack(outcome);
    if (outcome.type === 'rejected') {
      clock.rejected(outcome.error.code);
      return this.reject(outcome);
    }
    const { media, subscription } = outcome;
    if (this.delivery.isEnded(media.generation)) {
      // The presenter left between the confirmation and this line; the endpoint went with the pipeline.
      subscription.close();
      return this.reject({ error: new SignalError('no-presenter'), isOver: true });
    }
    this.subscription?.close();
    this.subscription = subscription;
    this.media = media;
    this.log.info({ role: this.role, server: media.server, generation: media.generation }, 'joined');
    this.clock = clock;
    offer.answered();
    await this.accept(offer, outcome, sdpOffer, candidates);
  }

  private async letIn(offer: ClientOffer, token: string | undefined): Promise<SignalError | undefined> {
    try {
      offer.grants = await this.admission.enter(token);
      return undefined;
    } catch (error) {
      return SignalError.from(error);
    }
  }

  /** The client is not waiting for this answer any more. */
  private async takeBack(outcome: Outcome): Promise<void> {
    this.options.metrics.joins.inc({ role: this.role, outcome: 'given-up' });
    if (outcome.type === 'rejected') return;
    outcome.subscription.close();
    // Kept for `detach`, which waits for this; a newer offer replaces it; after `end` the store has to be told again.
    this.media ??= outcome.media;
    await this.ending?.();
  }

  /** Answer first, then gather, then the candidates that came early (Kurento/bugtracker #539, #540). */
  private async accept(
    offer: ClientOffer,
    { sdpAnswer, media, seq }: Extract<Outcome, { type: 'accepted' }>,
    sdpOffer: string,
    candidates: CandidateBuffer,
  ): Promise<void> {
    const { cluster, metrics, send } = this.options;
    metrics.joins.inc({ role: this.role, outcome: 'accepted' });
    send({ id: `${this.role}Response`, response: 'accepted', sdpAnswer });
    const spentMs = this.clock?.answered();
    this.trail.note('answered', { server: media.server, generation: media.generation, ...spentMs });
    this.delivery.start(media.generation, seq);
    this.options.onJoined();
    try {
      await cluster.media.gatherCandidates(media);
    } catch (error) {
      return this.fail(SignalError.from(error));
    }
    this.relay.open(offer, media, candidates, candidatesOf(sdpOffer));
  }

  /** The endpoint is of no use: a client that can offers again; a page is told, and everything goes. */
  private async fail(error: SignalError): Promise<void> {
    if (this.hasEnded) return;
    this.report(error);
    if (this.options.speech === 'manycast.v1') return this.loseMedia();
    this.options.send({ id: 'error', code: error.code, message: error.message });
    if (this.role === 'viewer') this.options.send({ id: 'stopCommunication' });
    await this.end();
  }

  private reject({ error, isOver }: { error: SignalError; isOver: boolean }): void {
    if (isOver || !this.media) {
      this.markEnded();
      this.admission.giveBack();
    }
    this.options.metrics.joins.inc({ role: this.role, outcome: error.code });
    this.options.brakes.countRefusal(error.code);
    this.trail.note('rejected', { code: error.code });
    this.report(error);
    this.options.send(rejection(this.role, this.options.path, error));
  }

  private report(error: SignalError): void {
    const { code, cause } = error;
    this.log[errorCodes[code].log](
      { role: this.role, code, ...(cause ? { err: cause } : {}) },
      error.message,
    );
  }

  private async leave(): Promise<void> {
    this.subscription?.close();
    const { cluster } = this.options;
    const known = this.media && { ...this.media, role: this.role };
    await cluster.undo.run('leave', () => leave(cluster, this.attachment, known));
  }

  /** False when it had ended before. */
  private markEnded(): boolean {
    if (this.hasEnded) return false;
    this.hasEnded = true;
    this.options.metrics.sessions.dec({ role: this.role });
    this.options.metrics.sessionCount -= 1;
    this.admission.leave();
    this.options.onOver();
    return true;
  }
}
