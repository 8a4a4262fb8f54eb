import {
  type Attachment,
  type ChatPosition,
  detachUncarried,
  newTrace,
  openGrants,
  type ResumeOutcome,
  type ResumeTokens,
  type RoomEvent,
  resume,
} from '@manycast/core';
import { type Resume, type SessionId, SignalError } from '@manycast/protocol';
import { ClientOffer } from './client-offer.js';
import type { ConnectionOptions, Outlet } from './connection-options.js';
import type { Limits } from './limits/limits.js';
import type { Participation } from './participation.js';

type Claims = ReturnType<ResumeTokens['verify']>;
type Attached = Extract<ResumeOutcome, { type: 'resumed' }>;

/** What a resume takes over: the session as it was attached, and its offer-to-be. */
export interface Resumed extends Attached {
  attachment: Attachment;
  offer: ClientOffer;
  /** Of the last room event that the client has been told, or is told with `resumed`. */
  lastSeq: number;
  /** Of the last chat entry it has seen, if it says. */
  chatFrom: ChatPosition | undefined;
}

export interface ResumptionOptions extends Pick<ConnectionOptions, 'cluster' | 'tokens' | 'metrics' | 'log'> {
  /** Waits for its turn. Throws SignalError `overloaded` when it has none: nothing has been done then. */
  inTurn: Limits['inTurn'];
  /** Whether some socket of this node carries the session or is just resuming it. */
  isCarried(session: SessionId): boolean;
  /** The token is good: which session is being resumed from now on. */
  onClaimed(claims: Claims): void;
  /** The session is attached here. Undefined when nobody is to be told of it any more. */
  carryOn(resumed: Resumed): Participation | undefined;
  /** The answer has been given, or never will be. */
  onDone(): void;
}

/** Of one that had no turn, or is refused because of what the store says. */
const neverAttached: ReadonlySet<string> = new Set(['overloaded', 'session-unknown', 'bad-token']);

/** Attaches a token's session to this socket. What happens in the room meanwhile is told after `resumed`, in order. */
export class Resumption {
  private readonly early: RoomEvent[] = [];
  private participation: Participation | undefined;

  constructor(
    private readonly socket: Outlet,
    private readonly options: ResumptionOptions,
  ) {}

  /** Never rejects. */
  async run(message: Resume): Promise<void> {
    const { resumeToken, seq } = message;
    const { cluster, tokens, metrics, onDone } = this.options;
    const stopTimer = metrics.resumeSeconds.startTimer();
    let claims: Claims | undefined;
    try {
      claims = tokens.verify(resumeToken);
      this.options.onClaimed(claims);
      const offer = this.offerFor(claims);
      const outcome = await this.options.inTurn(() => resume(cluster, offer, seq));
      if (outcome.type === 'rejected') throw outcome.error;
      this.answer(claims, offer, outcome, message);
      onDone();
      metrics.resumes.inc({ outcome: outcome.renegotiate ? 'renegotiated' : 'resumed' });
      stopTimer();
    } catch (thrown) {
      const error = SignalError.from(thrown);
      this.refuse(error);
      onDone();
      if (claims && !neverAttached.has(error.code)) this.letGoOf(claims);
    }
  }

  private offerFor({ room, session, epoch }: Claims): ClientOffer {
    const { node } = this.options.cluster;
    // The session brings its own grants along, with the answer of the store.
    return new ClientOffer({ room, session, node, epoch }, 'manycast.v1', openGrants, newTrace(), {
      onEndpointEvent: event => this.participation?.onEndpointEvent(event),
      onRoomEvent: event =>
        this.participation ? this.participation.onRoomEvent(event) : void this.early.push(event),
    });
  }

  private answer(
    { room, session }: Claims,
    offer: ClientOffer,
    attached: Attached,
    { seq, chatEpoch: seenEpoch, chatOffset: seenOffset }: Resume,
  ): void {
    const { cluster, tokens, log, carryOn } = this.options;
    const { node } = cluster;
    const { epoch, role, room: summary, log: missed, renegotiate } = attached;
    // The log was read in the same step as the room. One that had not joined yet has missed nothing.
    const lastSeq = Math.max(seq, summary.seq);
    const events = seq === 0 ? [] : missed.events;
    const attachment = { room, session, node, epoch };
    const chatFrom =
      seenEpoch !== undefined && seenOffset !== undefined
        ? { epoch: seenEpoch, offset: seenOffset }
        : undefined;
    const participation = carryOn({ ...attached, attachment, offer, lastSeq, chatFrom });
    if (!participation) return;
    this.socket.send({
      id: 'resumed',
      resumeToken: tokens.sign({ room, session, epoch }),
      node,
      events: events.map(event => ({ id: 'room', ...event })),
      isComplete: missed.isComplete,
      room: summary,
      renegotiate,
    });
    log.info({ room, session, role, epoch, renegotiate, trace: attached.trace }, 'resumed');
    participation.noteResumed(renegotiate);
    this.participation = participation;
    for (const event of this.early) participation.onRoomEvent(event);
  }

  private refuse({ code, message, retryAfterMs }: SignalError): void {
    this.options.metrics.resumes.inc({ outcome: code });
    this.options.log.info({ code }, 'resume refused');
    this.socket.send({ id: 'resumeRejected', code, message, ...(retryAfterMs && { retryAfterMs }) });
  }

  private letGoOf(claims: Claims): void {
    const { cluster, isCarried } = this.options;
    void cluster.undo.run('detach', () => detachUncarried(cluster, claims, () => isCarried(claims.session)));
  }
}
