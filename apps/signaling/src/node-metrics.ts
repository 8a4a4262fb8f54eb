import { type ErrorCode, errorCodes, SignalError } from '@manycast/protocol';
import {
  Counter,
  durationBuckets,
  Gauge,
  Histogram,
  type ObservedCall,
  type Registry,
  type Turnstile,
} from '@manycast/runtime';
import { limitNames } from './limits/limits.js';

/** The parts of a join, in their order; the last two begin with the answer. */
const joinPhases = ['decode', 'redis', 'kms', 'ice', 'first-media'] as const;
export type JoinPhase = (typeof joinPhases)[number];

/** What this node counts. No room or session is ever a label. */
export class NodeMetrics {
  readonly sockets: Gauge;
  readonly sessions: Gauge<'role'>;
  readonly joins: Counter<'role' | 'outcome'>;
  readonly joinSeconds: Histogram<'role'>;
  readonly joinPhaseSeconds: Histogram<'role' | 'phase'>;
  readonly resumes: Counter<'outcome'>;
  readonly resumeSeconds: Histogram;
  readonly redisSeconds: Histogram<'operation'>;
  readonly redisErrors: Counter<'operation' | 'code'>;
  readonly errors: Counter<'code'>;
  readonly closes: Counter<'reason'>;
  readonly chatLeftOut: Counter;
  readonly limited: Counter<'limit'>;
  readonly overloadLevel: Gauge;
  readonly eventLoopLag: Gauge;
  readonly eventLoopBusy: Gauge;
  readonly undoRetries: Counter<'step'>;
  /** The sum of `sessions`, readable at once: a gauge's value is only given asynchronously. */
  sessionCount = 0;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    this.sockets = new Gauge({ name: 'manycast_sockets', help: 'Open WebSockets', registers });
    this.sessions = new Gauge({
      name: 'manycast_sessions',
      help: 'Presenters and viewers attached to this node',
      labelNames: ['role'],
      registers,
    });
    this.joins = new Counter({
      name: 'manycast_joins_total',
      help: 'Offers answered, by role and outcome (accepted or the code of the rejection)',
      labelNames: ['role', 'outcome'],
      registers,
    });
    this.joinSeconds = new Histogram({
      name: 'manycast_join_duration_seconds',
      help: 'From an offer to its answer',
      labelNames: ['role'],
      buckets: durationBuckets,
      registers,
    });
    this.joinPhaseSeconds = new Histogram({
      name: 'manycast_join_phase_duration_seconds',
      help: 'Parts of an accepted join: decode, redis and kms until the answer; ice and first-media from the answer on',
      labelNames: ['role', 'phase'],
      buckets: durationBuckets,
      registers,
    });
    this.resumes = new Counter({
      name: 'manycast_resumes_total',
      help: 'Sessions brought to this node, by outcome (resumed, renegotiated or the code of the refusal)',
      labelNames: ['outcome'],
      registers,
    });
    this.resumeSeconds = new Histogram({
      name: 'manycast_resume_duration_seconds',
      help: 'From a resume to its answer',
      buckets: durationBuckets,
      registers,
    });
    this.redisSeconds = new Histogram({
      name: 'manycast_redis_request_duration_seconds',
      help: 'From a step at Redis to its answer, its deadline or its failure',
      labelNames: ['operation'],
      buckets: durationBuckets,
      registers,
    });
    this.redisErrors = new Counter({
      name: 'manycast_redis_errors_total',
      help: 'Steps at Redis that failed, by error code',
      labelNames: ['operation', 'code'],
      registers,
    });
    this.errors = new Counter({
      name: 'manycast_message_errors_total',
      help: 'Messages that were not carried out, by error code',
      labelNames: ['code'],
      registers,
    });
    this.closes = new Counter({
      name: 'manycast_socket_closes_total',
      help: 'Sockets closed by this node, by reason',
      labelNames: ['reason'],
      registers,
    });
    this.chatLeftOut = new Counter({
      name: 'manycast_chat_left_out_total',
      help: 'Chat entries and presence not sent to a client that reads too slowly; it can ask for them',
      registers,
    });
    this.undoRetries = new Counter({
      name: 'manycast_undo_retries_total',
      help: 'Steps of taking back an attempt that had to be tried again',
      labelNames: ['step'],
      registers,
    });
    this.limited = new Counter({
      name: 'manycast_limited_total',
      help: 'What was turned away by a limit, by limit',
      labelNames: ['limit'],
      registers,
    });
    this.overloadLevel = new Gauge({
      name: 'manycast_overload_level',
      help: 'What is not begun any more: 0 nothing, 1 directory, 2 chat, 3 viewers, 4 presenters, 5 resumes',
      registers,
    });
    this.eventLoopLag = new Gauge({
      name: 'manycast_event_loop_lag_seconds',
      help: 'How late the event loop was on average in the last quarter of a second',
      registers,
    });
    this.eventLoopBusy = new Gauge({
      name: 'manycast_event_loop_busy_ratio',
      help: 'Share of the last quarter of a second in which the event loop had something to do',
      registers,
    });
    this.startAtZero();
  }

  /** What the node is configured for and what it is like at the moment of a scrape. */
  watch(node: {
    maxSockets: number;
    maxSessions: number;
    servedRooms(): number;
    resumes: Pick<Turnstile, 'underWay' | 'waiting'>;
    isRedisReady(): boolean;
    isDraining(): boolean;
  }): void {
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        name,
        help,
        registers: [this.registry],
        collect() {
          this.set(read());
        },
      });
    gauge('manycast_socket_limit', 'WebSockets that this node takes at most', () => node.maxSockets);
    gauge('manycast_session_limit', 'Sessions that this node takes at most', () => node.maxSessions);
    gauge('manycast_served_rooms', 'Rooms with members on this node', node.servedRooms);
    gauge('manycast_resumes_under_way', 'Resumes that this node is at', () => node.resumes.underWay);
    gauge('manycast_resumes_waiting', 'Resumes that wait for their turn', () => node.resumes.waiting);
    gauge('manycast_redis_up', '1 while Redis answers this process, else 0', () =>
      Number(node.isRedisReady()),
    );
    gauge('manycast_draining', '1 while this node lets its clients move away, else 0', () =>
      Number(node.isDraining()),
    );
  }

  decoded(role: string, durationMs: number): void {
    this.joinPhaseSeconds.observe({ role, phase: 'decode' }, durationMs / 1_000);
  }

  /** For `observeCalls` around a store. */
  readonly redisCall = ({ method, durationMs, error }: ObservedCall): void => {
    this.redisSeconds.observe({ operation: method }, durationMs / 1_000);
    if (error !== undefined) this.redisErrors.inc({ operation: method, code: SignalError.from(error).code });
  };

  /** A series that begins with its first event has no rate at that event. */
  private startAtZero(): void {
    for (const limit of limitNames) this.limited.inc({ limit }, 0);
    for (const code of Object.keys(errorCodes) as ErrorCode[]) this.errors.inc({ code }, 0);
    for (const role of ['presenter', 'viewer']) {
      this.sessions.set({ role }, 0);
      this.joinSeconds.zero({ role });
      for (const phase of joinPhases) this.joinPhaseSeconds.zero({ role, phase });
      for (const outcome of [
        'accepted',
        'given-up',
        'pool-full',
        'unavailable',
        'media-unavailable',
        'internal',
      ])
        this.joins.inc({ role, outcome }, 0);
    }
    for (const outcome of ['resumed', 'renegotiated']) this.resumes.inc({ outcome }, 0);
  }
}
