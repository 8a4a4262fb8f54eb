import { randomUUID } from 'node:crypto';
import {
  type Attachment,
  CandidateBuffer,
  type Cluster,
  detachUncarried,
  type InboxMessage,
  type ResumeTokens,
  type RoomEvent,
  resume,
} from '@manycast/core';
import {
  asSessionId,
  type CloseReason,
  decodeClientMessage,
  type Presenter,
  type Resume,
  type RoomName,
  type ServerMessage,
  type SessionId,
  SignalError,
  type SignalingPath,
  type Speech,
  type Viewer,
} from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import { ClientOffer } from './client-offer.js';
import type { NodeMetrics } from './node-metrics.js';
import { Participation } from './participation.js';
import { rejection } from './rejection.js';

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

/**
 * One client: decodes what it sends and keeps its present participation, at most one. A tutorial page has a new
 * session with each offer; a client of `manycast.v1` has one session, which it may have brought along.
 */
export class Connection {
  private participation: Participation | undefined;
  private candidates: CandidateBuffer;
  private errorCount = 0;
  private hasEnded = false;
  /** Whose `resume` is under way. */
  private resuming: SessionId | undefined;
  /** The next offer's. */
  private firstSession: SessionId = asSessionId(randomUUID());
  /** The session of the last `welcome` is taken. */
  private isWelcomeUsed = false;

  constructor(
    private readonly socket: Outlet,
    private readonly opening: Opening,
    private readonly options: ConnectionOptions,
  ) {
    this.candidates = this.newCandidates();
  }

  /** The session that is attached here now. */
  get present(): Participation | undefined {
    return this.participation?.isOver ? undefined : this.participation;
  }

  isResuming(session: SessionId): boolean {
    return this.resuming === session;
  }

  /** To be called first of all; said again before each further session on this socket. A client of `manycast.v1` is given its session before it offers, so that it can resume whatever happens then. */
  welcome(): void {
    if (this.opening.speech === 'tutorial') return;
    const { cluster, tokens, nodeAddresses, clientHeartbeatMs: heartbeatMs } = this.options;
    const claims = { room: this.opening.room, session: this.firstSession, epoch: 1 };
    const resumeToken = tokens.sign(claims);
    const { node } = cluster;
    this.socket.send({
      id: 'welcome',
      session: claims.session,
      resumeToken,
      node,
      nodes: nodeAddresses(),
      heartbeatMs,
      iceServers: [],
    });
  }

  receive(frame: string): void {
    if (this.hasEnded) return;
    try {
      const message = decodeClientMessage(frame, this.opening.speech);
      switch (message.id) {
        case 'presenter':
        case 'viewer':
          return this.offer(message);
        case 'onIceCandidate':
          // After a rejection or `stopCommunication` it can only belong to the offer to come.
          if (this.participation?.isOver) this.leave();
          return this.candidates.add(message.candidate);
        case 'resume':
          return void this.resume(message);
        case 'ping':
          return this.socket.send({ id: 'pong' });
        case 'stop':
        case 'leave':
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
    if (!present || present.attachment.session !== message.session) return;
    switch (message.type) {
      case 'superseded':
        if (present.attachment.epoch < message.epoch) this.supersede();
        return;
      case 'media-lost':
        if (present.attachment.epoch === message.epoch) present.loseMedia();
    }
  }

  /** A newer socket carries the session, of this node or another: this one is of no use any more. */
  supersede(): void {
    const { present } = this;
    if (!present) return;
    present.letGo({ isMediaOurs: this.options.isCarried(present.attachment.session, this) });
    this.hasEnded = true;
    this.socket.close('superseded');
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
    await (this.opening.speech === 'tutorial' ? this.participation?.end() : this.participation?.detach());
  }

  /** The node goes away and the socket with it, which is no wish of the client's: its media stays. */
  async abandon(): Promise<void> {
    this.hasEnded = true;
    await this.participation?.detach();
  }

  private offer({ id: role, room, sdpOffer }: Presenter | Viewer): void {
    const { speech, path, room: opened } = this.opening;
    if (this.resuming) throw new SignalError('out-of-order', { message: 'a resume is under way' });
    const { present } = this;
    if (speech === 'manycast.v1') {
      const expected = present?.attachment.room ?? opened;
      if (room !== expected) {
        const message = `room: this socket was opened for ${expected}; another room needs another address, ${path}?room=${room}`;
        throw new SignalError('invalid-message', { field: 'room', message });
      }
      if (present?.role === role) return present.offer(sdpOffer, this.freshCandidates());
    }
    const { metrics, limits } = this.options;
    const previous = this.leave();
    if (metrics.sessionCount >= limits.maxSessions) {
      return this.socket.send(rejection(role, path, new SignalError('node-full', { retryAfterMs: 1_000 })));
    }
    // A client must be able to resume the session that it is about to have.
    if (this.isWelcomeUsed) this.welcome();
    const session = this.takeSession();
    this.participation = this.newParticipation(role, {
      room,
      session,
      node: this.options.cluster.node,
      epoch: 1,
    });
    this.participation.offer(sdpOffer, this.candidates, previous);
  }

  /** Attaches the token's session here. What happens in the room meanwhile is told after `resumed`, in order. */
  private async resume({ resumeToken, seq }: Resume): Promise<void> {
    if (this.present || this.resuming !== undefined)
      return this.refuse(new SignalError('out-of-order', { message: 'there is a session on this socket' }));
    const { cluster, tokens, log } = this.options;
    let resumed: Participation | undefined;
    let claimed: Pick<Attachment, 'room' | 'session'> | undefined;
    const early: RoomEvent[] = [];
    try {
      const { room, session, epoch: tokenEpoch } = tokens.verify(resumeToken);
      this.resuming = session;
      claimed = { room, session };
      const offer = new ClientOffer({ room, session, node: cluster.node, epoch: tokenEpoch }, 'manycast.v1', {
        onEndpointEvent: event => resumed?.onEndpointEvent(event),
        onRoomEvent: event => (resumed ? resumed.onRoomEvent(event) : void early.push(event)),
      });
      const outcome = await resume(cluster, offer, seq);
      if (outcome.type === 'rejected') throw outcome.error;
      const { epoch, role, media, room: summary, log: missed, renegotiate, subscription } = outcome;
      const participation = this.newParticipation(role, { room, session, node: cluster.node, epoch });
      this.participation = participation;
      // The client goes on with the token of `resumed`, and has no use for the one it was greeted with.
      this.isWelcomeUsed = true;
      const lastSeq = Math.max(seq, missed.events.at(-1)?.seq ?? 0, missed.isComplete ? 0 : summary.seq);
      participation.continue(offer, { media, seq: lastSeq, subscription }, this.candidates);
      if (this.hasEnded) return void participation.detach();
      const token = tokens.sign({ room, session, epoch });
      this.socket.send({
        id: 'resumed',
        resumeToken: token,
        node: cluster.node,
        events: missed.events.map(event => ({ id: 'room', ...event })),
        isComplete: missed.isComplete,
        room: summary,
        renegotiate,
      });
      log.info({ room, session, role, epoch, renegotiate }, 'resumed');
      resumed = participation;
      for (const event of early) participation.onRoomEvent(event);
    } catch (thrown) {
      const { code, message, retryAfterMs } = SignalError.from(thrown);
      log.info({ code }, 'resume refused');
      this.socket.send({ id: 'resumeRejected', code, message, ...(retryAfterMs && { retryAfterMs }) });
      this.resuming = undefined;
      // Whoever is refused because of what the store says is not attached here.
      if (claimed && code !== 'session-unknown' && code !== 'bad-token') this.letGoOf(claimed);
    } finally {
      this.resuming = undefined;
    }
  }

  private letGoOf(claimed: Pick<Attachment, 'room' | 'session'>): void {
    const { cluster, isCarried } = this.options;
    void cluster.undo.run('detach', () =>
      detachUncarried(cluster, claimed, () => isCarried(claimed.session)),
    );
  }

  private newParticipation(role: 'presenter' | 'viewer', attachment: Attachment): Participation {
    const { room, session } = attachment;
    this.options.onAttached(this, session);
    return new Participation(role, attachment, {
      cluster: this.options.cluster,
      metrics: this.options.metrics,
      log: this.options.log.child({ room, session }),
      path: this.opening.path,
      speech: this.opening.speech,
      send: message => this.socket.send(message),
      onOver: () => this.options.onGone(this, session),
    });
  }

  /** The one that was welcomed is used once; after it has ended, and for every offer of a tutorial page, there is a new one. */
  private takeSession(): SessionId {
    const session = this.firstSession;
    this.firstSession = asSessionId(randomUUID());
    this.isWelcomeUsed = true;
    return session;
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

  private newCandidates = (): CandidateBuffer => new CandidateBuffer(this.options.limits.maxCandidates);

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
