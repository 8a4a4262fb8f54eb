import { Counter, Gauge, Histogram, type Registry } from '@manycast/runtime';

/** What a controller counts of webhooks, by receiver: there are few, and the operator named them. */
export class WebhookMetrics {
  readonly deadLettersDropped: Counter<'receiver'>;
  private readonly attempts: Counter<'receiver' | 'outcome'>;
  private readonly duration: Histogram<'receiver'>;
  private readonly delay: Histogram<'receiver'>;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    this.attempts = new Counter({
      name: 'manycast_webhook_attempts_total',
      help: 'Requests to receivers of webhooks by outcome: delivered, failed and tried again, dead (given up)',
      labelNames: ['receiver', 'outcome'],
      registers,
    });
    this.duration = new Histogram({
      name: 'manycast_webhook_request_seconds',
      help: 'How long receivers took to answer, or until they were given up',
      labelNames: ['receiver'],
      buckets: [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    });
    this.delay = new Histogram({
      name: 'manycast_webhook_delay_seconds',
      help: 'From what happened until a receiver had been told',
      labelNames: ['receiver'],
      buckets: [0.05, 0.1, 0.5, 1, 5, 30, 120, 600, 3_600, 21_600, 86_400],
      registers,
    });
    this.deadLettersDropped = new Counter({
      name: 'manycast_webhook_dead_letters_dropped_total',
      help: 'Dead letters that went because there were too many: these are lost',
      labelNames: ['receiver'],
      registers,
    });
  }

  attempted(
    receiver: string,
    outcome: 'delivered' | 'failed' | 'dead',
    tookMs: number,
    delayMs: number,
  ): void {
    this.attempts.inc({ receiver, outcome });
    this.duration.observe({ receiver }, tookMs / 1_000);
    if (outcome === 'delivered') this.delay.observe({ receiver }, Math.max(0, delayMs) / 1_000);
  }

  /** What is asked at the moment of a scrape; what cannot be asked then is left out. */
  watch(
    receivers: () => string[],
    {
      deadLetters,
      lanes,
    }: {
      deadLetters(receiver: string): Promise<number>;
      lanes(receiver: string): Promise<Record<string, number>>;
    },
  ): void {
    const registers = [this.registry];
    new Gauge({
      name: 'manycast_webhook_dead_letters',
      help: 'Events that were given up and wait for an operator',
      labelNames: ['receiver'],
      registers,
      async collect() {
        this.reset();
        for (const receiver of receivers()) {
          const count = await deadLetters(receiver).catch(() => undefined);
          if (count !== undefined) this.set({ receiver }, count);
        }
      },
    });
    new Gauge({
      name: 'manycast_webhook_lanes',
      help: 'Rooms with something for the receiver by state: waiting, active, delayed (tried again later)',
      labelNames: ['receiver', 'state'],
      registers,
      async collect() {
        this.reset();
        for (const receiver of receivers()) {
          const counts = await lanes(receiver).catch(() => ({}));
          for (const [state, count] of Object.entries(counts)) this.set({ receiver, state }, count);
        }
      },
    });
  }
}
