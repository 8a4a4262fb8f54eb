import { type ErrorCode, errorCodes } from '@manycast/protocol';
import { Counter, Gauge, Histogram, type Registry } from '@manycast/runtime';

/** What this node counts. No room or session is ever a label. */
export class NodeMetrics {
  readonly sockets: Gauge;
  readonly sessions: Gauge<'role'>;
  readonly joins: Counter<'role' | 'outcome'>;
  readonly joinSeconds: Histogram<'role'>;
  readonly errors: Counter<'code'>;
  readonly closes: Counter<'reason'>;
  readonly undoRetries: Counter<'step'>;
  /** The sum of `sessions`, readable at once: a gauge's value is only given asynchronously. */
  sessionCount = 0;

  constructor(registry: Registry) {
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
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
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
    this.undoRetries = new Counter({
      name: 'manycast_undo_retries_total',
      help: 'Steps of taking back an attempt that had to be tried again',
      labelNames: ['step'],
      registers,
    });
    for (const code of Object.keys(errorCodes) as ErrorCode[]) this.errors.inc({ code }, 0);
  }
}
