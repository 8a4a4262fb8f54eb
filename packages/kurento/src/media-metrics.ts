import { SignalError } from '@manycast/protocol';
import { Counter, durationBuckets, Gauge, Histogram, type Registry, type Turnstile } from '@manycast/runtime';

/** The adapter's figures; kept, but shown nowhere, when no registry is given. */
export class MediaMetrics {
  readonly #requests;
  readonly #seconds;
  readonly linksUp;
  readonly unknownEvents;

  constructor(registry: Registry | undefined, servers: () => Iterable<[string, { turnstile: Turnstile }]>) {
    const registers = registry ? [registry] : [];
    this.#requests = new Counter({
      name: 'manycast_media_requests_total',
      help: 'Requests to media servers by operation and outcome: ok, or the error code the caller got',
      labelNames: ['operation', 'outcome'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'manycast_media_request_duration_seconds',
      help: 'From a request to a media server, its waiting for a turn included, to its answer, its deadline or its failure',
      labelNames: ['operation'],
      buckets: durationBuckets,
      registers,
    });
    this.linksUp = new Gauge({
      name: 'manycast_media_links_up',
      help: 'Links to a media server that have a session',
      labelNames: ['server'],
      registers,
    });
    this.unknownEvents = new Counter({
      name: 'manycast_media_unknown_events_total',
      help: 'Events for objects nobody here listens to, and messages that are neither answers nor events',
      labelNames: ['kind'],
      registers,
    });
    const watch = (name: string, help: string, read: (turnstile: Turnstile) => number) =>
      this.#watch(registers, servers, name, help, read);
    watch(
      'manycast_media_joins_under_way',
      'Joins and adoptions that this process has a media server at',
      ({ underWay }) => underWay,
    );
    watch(
      'manycast_media_joins_waiting',
      'Joins and adoptions that wait for their turn at a media server',
      ({ waiting }) => waiting,
    );
    watch(
      'manycast_media_joins_limit',
      'Joins and adoptions that this process lets a media server have at once, by how soon it answers',
      ({ limit }) => limit,
    );
  }

  #watch(
    registers: Registry[],
    servers: () => Iterable<[string, { turnstile: Turnstile }]>,
    name: string,
    help: string,
    read: (turnstile: Turnstile) => number,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: ['server'],
      registers,
      collect() {
        this.reset();
        for (const [server, { turnstile }] of servers()) this.set({ server }, read(turnstile));
      },
    });
  }

  async measure<T>(operation: string, request: () => Promise<T>): Promise<T> {
    const stop = this.#seconds.startTimer({ operation });
    let outcome = 'ok';
    try {
      return await request();
    } catch (error) {
      outcome = SignalError.from(error).code;
      throw error;
    } finally {
      this.#requests.inc({ operation, outcome });
      stop();
    }
  }
}
