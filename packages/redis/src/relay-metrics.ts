import { Counter, durationBuckets, Histogram, type Registry } from '@manycast/runtime';

/** The bus's figures; kept, but shown nowhere, when no registry is given. */
export class RelayMetrics {
  readonly messages: Counter<'kind'>;
  readonly gaps: Counter;
  readonly lagSeconds: Histogram;

  constructor(registry?: Registry) {
    const registers = registry ? [registry] : [];
    this.messages = new Counter({
      name: 'manycast_relay_messages_total',
      help: 'Messages heard from other processes, by kind: room events, and messages to a session’s node',
      labelNames: ['kind'],
      registers,
    });
    this.gaps = new Counter({
      name: 'manycast_relay_gaps_total',
      help: 'Times a room’s log was read because its events did not follow each other',
      registers,
    });
    this.lagSeconds = new Histogram({
      name: 'manycast_relay_lag_seconds',
      help: 'From the sending of a message to its arrival, both at this process: probed once a second',
      buckets: durationBuckets,
      registers,
    });
  }
}
