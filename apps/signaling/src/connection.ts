import {
  type Attachment,
  CandidateBuffer,
  type Grants,
  type InboxMessage,
  newTrace,
  type Revocation,
} from '@manycast/core';
import {
  type Authorize,
  decodeClientMessage,
  type ExpelReason,
  type Presenter,
  type Resume,
  type SessionId,
  SignalError,
  type Viewer,
} from '@manycast/protocol';
import { noTracing } from '@manycast/runtime';
import { ChatDoor } from './chat-door.js';
import type { ConnectionOptions, Opening, Outlet } from './connection-options.js';
import type { ChatRequest } from './conversation.js';
import { Greeting } from './greeting.js';
import { MessageRate } from './limits/message-rate.js';
import { Participation } from './participation.js';
import { Refusals } from './refusals.js';
import { rejection } from './rejection.js';
import { type Resumed, Resumption } from './resumption.js';
import { SessionTrail } from './session-trail.js';

/**
 * One client: decodes what it sends and keeps its present participation, at most one. A tutorial page has a new
 * session with each offer; a client of `manycast.v1` has one session, which it may have brought along.
 */
export class Connection {
  private participation: Participation | undefined;
  private candidates: CandidateBuffer;
  private hasEnded = false;
  /** Whose `resume` is under way. */
  private resuming: SessionId | undefined;
  /** The newest epoch that the session which is being resumed is known to have elsewhere. */
  private resumedElsewhere = 0;
  private iceSaidAtMs = Date.now();
  private readonly rate: MessageRate;
  private readonly greeting: Greeting;
  private readonly refusals: Refusals;
  private readonly chat: ChatDoor;

  constructor(
    private readonly socket: Outlet,
    private readonly opening: Opening,
    private readonly options: ConnectionOptions,
  ) {
    this.candidates = this.newCandidates();
    this.rate = new MessageRate(options.limits.maxMessagesPerS, Date.now);
    this.greeting = new Greeting(socket, opening, options);
    this.refusals = new Refusals(socket, options);
    this.chat = new ChatDoor(socket, opening, options, this.refusals);
  }

  /** The session that is attached here now. */
  get present(): Participation | undefined {
    return this.participation?.isOver ? undefined : this.participation;
  }

  isResuming(session: SessionId): boolean {
    return this.resuming === session;
  }

  /** To be called first of all. */
  welcome(): void {
    this.greeting.welcome();
  }

  receive(frame: string): void {
    if (this.hasEnded) return;
    try {
      const arrivedAtMs = performance.now();
      const retryAfterMs = this.rate.take();
      if (retryAfterMs > 0) throw new SignalError('too-many-messages', { retryAfterMs });
      const message = decodeClientMessage(frame, this.opening.speech);
      switch (message.id) {
        case 'presenter':
        case 'viewer':
          this.options.metrics.decoded(message.id, performance.now() - arrivedAtMs);
          return this.offer(message);
        case 'onIceCandidate':
          // After a rejection or `stopCommunication` it can only belong to the offer to come.
          if (this.participation?.isOver) this.leave();
          return this.candidates.add(message.candidate);
        case 'resume':
          return this.resume(message);
        case 'authorize':
          return void this.authorize(message);
        case 'ping':
          return this.socket.send({ id: 'pong' });
        case 'chat':
        case 'chatHistory':
        case 'moderate':
        case 'roster':
          return void this.converse(message);
        case 'stop':
        case 'leave':
          this.chat.close();
          this.leave();
      }
    } catch (error) {
      this.refuse(SignalError.from(error));
    }
  }

  receiveBinary(): void {
    this.refuse(new SignalError('binary-frame'));
  }

  /** A message from another node. */
  hear(message: InboxMessage): void {
    const { present } = this;
    // Its own attach may have been answered, and not be told to the client yet.
    if (message.type === 'superseded' && this.isResuming(message.session))
      this.resumedElsewhere = Math.max(this.resumedElsewhere, message.epoch);
    if (!present || present.attachment.session !== message.session) return;
    switch (message.type) {
      case 'superseded':
        if (present.attachment.epoch < message.epoch) this.supersede();
        return;
      case 'media-lost':
        if (present.attachment.epoch === message.epoch) present.loseMedia(message.generation);
        return;
      case 'media-moved':
        if (present.attachment.epoch === message.epoch) present.moveMedia(message.generation);
        return;
      case 'expelled':
        if (present.attachment.epoch === message.epoch) this.expel(message.reason);
    }
  }

  /** A newer socket carries the session, of this node or another: this one is of no use any more. */
  supersede(): void {
    const { present } = this;
    if (!present) return;
    this.chat.close();
    present.letGo({ isMediaOurs: this.options.carriers.isCarried(present.attachment.session, this) });
    this.hasEnded = true;
    this.socket.close('superseded');
  }

  /** To be called now and then: what was said of TURN servers is good for a limited time. */
  refreshIceServers(nowMs: number): void {
    const { iceServers } = this.options;
    if (this.opening.speech === 'tutorial' || !iceServers.areTimed) return;
    if (nowMs - this.iceSaidAtMs < iceServers.ttlMs / 2) return;
    this.iceSaidAtMs = nowMs;
    const session = this.present?.attachment.session ?? 'idle';
    this.socket.send({ id: 'iceServers', iceServers: iceServers.mint(session, nowMs) });
  }

  /** To be called now and then. What its token does not allow any more ends, for good. */
  checkToken(nowMs: number, revocations: readonly Revocation[]): void {
    const { present } = this;
    const standing = present?.admission.standing(nowMs, revocations) ?? 'good';
    if (standing === 'good') return;
    if (standing !== 'token-expiring') return this.expel(standing);
    const inMs = (present?.admission.grants?.token?.expiresAtMs ?? nowMs) - nowMs;
    if (this.opening.speech === 'manycast.v1') this.socket.send({ id: 'tokenExpiring', inMs });
  }

  /** Ends the session against its client's wish: it is told why, and may not come back. */
  private expel(reason: ExpelReason): void {
    const { present, opening, socket } = this;
    if (!present) return;
    this.options.metrics.errors.inc({ code: reason });
    if (opening.speech === 'manycast.v1') {
      const { code, message } = new SignalError(reason);
      socket.send({ id: 'error', code, message });
    } else if (present.role === 'viewer') socket.send({ id: 'stopCommunication' });
    this.hasEnded = true;
    this.chat.close();
    void present.end();
    socket.close(reason);
  }

  /** The node may have been taken for dead. Throws SignalError `unavailable`. */
  async reaffirm(): Promise<void> {
    const { present } = this;
    const standing = await present?.hold();
    if (!present || present.isOver) return;
    if (standing === 'fenced') this.supersede();
    // It has been ended, and its endpoint with it.
    if (standing === 'unknown') present.loseMedia();
  }

  /** The store has lost its data. Throws SignalError `unavailable`. */
  async putBack(): Promise<void> {
    const { present } = this;
    const standing = await present?.putBack();
    if (!present || present.isOver) return;
    if (standing === 'superseded') this.supersede();
    // Its broadcast is over, or another one has begun: a client that can offers again, and learns which.
    if (standing === 'fenced') present.loseMedia();
  }

  /** The node goes away: a client that can is asked to move. False when it cannot. */
  goAway(afterMs: number): boolean {
    if (this.opening.speech === 'tutorial') return false;
    this.socket.send({ id: 'goaway', afterMs });
    return true;
  }

  /**
   * The socket is gone. A tutorial page has left by that; a client of `manycast.v1` may come back. Resolves when the
   * store knows, or cannot for now.
   */
  async end(): Promise<void> {
    this.hasEnded = true;
    this.chat.close();
    await (this.opening.speech === 'tutorial' ? this.participation?.end() : this.participation?.detach());
  }

  /** The node goes away and the socket with it, which is no wish of the client's: its media stays. */
  async abandon(): Promise<void> {
    this.hasEnded = true;
    this.chat.close();
    await this.participation?.detach();
  }

  private async authorize({ token }: Authorize): Promise<void> {
    const { present } = this;
    try {
      if (!present) throw new SignalError('out-of-order', { message: 'there is no session on this socket' });
      await present.admission.renew(token);
      const expiresAtMs = present.admission.grants?.token?.expiresAtMs;
      const forMs = expiresAtMs === undefined ? null : expiresAtMs - Date.now();
      this.socket.send({ id: 'authorized', forMs });
    } catch (error) {
      this.refuse(SignalError.from(error));
    }
  }

  private offer(offer: Presenter | Viewer): void {
    const { id: role, room } = offer;
    const { speech, path, room: opened } = this.opening;
    const { cluster, limits } = this.options;
    if (offer.sdpOffer.length > limits.maxSdpChars) throw tooLarge('sdpOffer', limits.maxSdpChars);
    if (this.resuming) throw new SignalError('out-of-order', { message: 'a resume is under way' });
    const { present } = this;
    if (speech === 'manycast.v1') {
      const expected = present?.attachment.room ?? opened;
      if (room !== expected) {
        const message = `room: this socket was opened for ${expected}; another room needs another address, ${path}?room=${room}`;
        throw new SignalError('invalid-message', { field: 'room', message });
      }
      if (present?.role === role) {
        // What plays already is never refused for want of capacity; offering again and again is.
        const hasty = this.options.brakes.refusalOfJoin(this.opening.address);
        if (hasty) return this.rejectAtOnce(role, hasty);
        return present.offer(offer, this.freshCandidates());
      }
    }
    const previous = this.leave();
    const refusal = this.refusalOfNew(role);
    if (refusal) return this.rejectAtOnce(role, refusal);
    // A client must be able to resume the session that it is about to have.
    const session = this.greeting.takeSession();
    this.options.carriers.attach(session, this);
    const attachment = { room, session, node: cluster.node, epoch: 1 };
    this.participation = this.newParticipation(role, attachment, offer.trace ?? newTrace());
    this.participation.offer(offer, this.candidates, previous);
  }

  /** Why this node begins no session of that role for this client now. */
  private refusalOfNew(role: 'presenter' | 'viewer'): SignalError | undefined {
    const { metrics, limits, brakes } = this.options;
    if (metrics.sessionCount >= limits.maxSessions)
      return new SignalError('node-full', { retryAfterMs: 1_000 });
    return brakes.refusalOf(role) ?? brakes.refusalOfJoin(this.opening.address);
  }

  private rejectAtOnce(role: 'presenter' | 'viewer', error: SignalError): void {
    const { metrics, brakes } = this.options;
    brakes.countRefusal(error.code);
    metrics.joins.inc({ role, outcome: error.code });
    this.socket.send(rejection(role, this.opening.path, error));
  }

  private resume(message: Resume): void {
    if (this.present || this.resuming !== undefined)
      throw new SignalError('out-of-order', { message: 'there is a session on this socket' });
    const { cluster, tokens, metrics, log, carriers, brakes } = this.options;
    const refusal = brakes.refusalOf('resume');
    if (refusal) {
      const { code, message: text, retryAfterMs } = refusal;
      brakes.countRefusal(code);
      metrics.resumes.inc({ outcome: code });
      return this.socket.send({
        id: 'resumeRejected',
        code,
        message: text,
        ...(retryAfterMs && { retryAfterMs }),
      });
    }
    const lossesBefore = cluster.losses.count;
    const resumption = new Resumption(this.socket, {
      cluster,
      tokens,
      metrics,
      log,
      inTurn: brakes.inTurn,
      isCarried: session => carriers.isCarried(session),
      onClaimed: ({ session }) => {
        this.resuming = session;
        this.resumedElsewhere = 0;
        carriers.beginResume(session, this);
      },
      carryOn: resumed => {
        const participation = this.carryOn(resumed);
        // It was attached to a store that has forgotten it since.
        if (cluster.losses.count !== lossesBefore) cluster.undo.run('restore session', () => this.putBack());
        return participation;
      },
      onDone: () => {
        if (this.resuming) carriers.endResume(this.resuming, this);
        this.resuming = undefined;
      },
    });
    void resumption.run(message);
  }

  /** Undefined when nobody is to be told of it: its socket is gone, or the session is attached elsewhere by now. */
  private carryOn({
    role,
    grants,
    trace,
    attachment,
    offer,
    media,
    lastSeq,
    chatFrom,
    subscription,
  }: Resumed): Participation | undefined {
    const { session, epoch } = attachment;
    const { carriers } = this.options;
    const isLate = Math.max(this.resumedElsewhere, carriers.epochOf(session)) > epoch;
    if (!isLate) carriers.attach(session, this);
    const participation = this.newParticipation(role, attachment, trace, grants);
    this.participation = participation;
    this.greeting.discard();
    participation.continue(offer, { media, seq: lastSeq, subscription }, this.candidates);
    if (isLate) this.supersede();
    else if (this.hasEnded) void participation.detach();
    else {
      this.chat.enter(participation, chatFrom);
      return participation;
    }
    return undefined;
  }

  private newParticipation(
    role: 'presenter' | 'viewer',
    attachment: Attachment,
    trace: string,
    grants?: Grants,
  ): Participation {
    const { session } = attachment;
    const participation: Participation = new Participation(role, attachment, {
      cluster: this.options.cluster,
      metrics: this.options.metrics,
      tracing: this.options.tracing ?? noTracing,
      brakes: this.options.brakes,
      log: this.options.log,
      trail: new SessionTrail(this.options.cluster.journal, role, attachment, trace),
      path: this.opening.path,
      speech: this.opening.speech,
      ...(grants && { grants }),
      send: message => this.socket.send(message),
      onJoined: () => this.chat.enter(participation),
      onOver: () => this.options.carriers.detach(session, this),
    });
    return participation;
  }

  private async converse(message: ChatRequest): Promise<void> {
    if (!(await this.chat.receive(message)) && !this.hasEnded) void this.end();
  }

  private leave(): Promise<void> {
    const { participation } = this;
    if (!participation) return Promise.resolve();
    this.participation = undefined;
    this.freshCandidates();
    return participation.end();
  }

  private freshCandidates(): CandidateBuffer {
    this.candidates = this.newCandidates();
    return this.candidates;
  }

  private newCandidates(): CandidateBuffer {
    return new CandidateBuffer(this.options.limits.maxCandidates);
  }

  private refuse(error: SignalError): void {
    if (this.hasEnded || this.refusals.answer(error)) return;
    void this.end();
  }
}

const tooLarge = (field: string, max: number) =>
  new SignalError('too-large', { field, message: `${field}: at most ${max} characters` });
