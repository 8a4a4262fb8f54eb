import { SignalError } from '@manycast/protocol';
import { Counter, durationBuckets, Gauge, Histogram, type Registry } from '@manycast/runtime';

/** The adapter's figures; kept, but shown nowhere, when no registry is given. */
export class MediaMetrics {
  readonly #requests;
  readonly #seconds;
  readonly linksUp;
  readonly unknownEvents;

  constructor(registry: Registry | undefined) {
    const registers = registry ? [registry] : [];
    this.#requests = new Counter({
      name: 'manycast_media_requests_total',
      help: 'Requests to media servers by operation and outcome: ok, or the error code the caller got',
      labelNames: ['operation', 'outcome'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'manycast_media_request_duration_seconds',
      help: 'From a request to a media server to its answer, its deadline or its failure',
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
