import type { ChatEntryMessage } from '@manycast/protocol';

/** What a room said, as whoever heard it first was told: one copy, however many hear it. */
export class SaidLog {
  /** Texts by offset; undefined where it was no message. */
  readonly texts: (string | undefined)[] = [];
  epoch: string | undefined;
}

/**
 * What one member heard, held against what the others did. Twenty thousand messages to three hundred people are six
 * million: a byte is kept of each.
 */
export class Hearing {
  /** Entries, those that came twice included. */
  count = 0;
  twice = 0;
  /** After one that it precedes, or after one that it does not follow at once. */
  outOfOrder = 0;
  /** With another text than others were told, or of another log. */
  otherwise = 0;
  #last: number | undefined;
  #times = new Uint8Array(1_024);

  constructor(private readonly log: SaidLog) {}

  take(entry: ChatEntryMessage): void {
    const { epoch, offset } = entry;
    const { log } = this;
    log.epoch ??= epoch;
    const text = entry.type === 'message' ? (entry.text ?? undefined) : undefined;
    if (!(offset in log.texts)) log.texts[offset] = text;
    if (log.epoch !== epoch || log.texts[offset] !== text) this.otherwise += 1;
    if (offset >= this.#times.length) this.#grow(offset);
    const times = (this.#times[offset] ?? 0) + 1;
    this.#times[offset] = times;
    if (times > 1) this.twice += 1;
    else if (this.#last !== undefined && offset !== this.#last + 1) this.outOfOrder += 1;
    this.#last = Math.max(this.#last ?? 0, offset);
    this.count += 1;
  }

  hasHeard(offset: number): boolean {
    return (this.#times[offset] ?? 0) > 0;
  }

  #grow(offset: number): void {
    const grown = new Uint8Array(2 * offset);
    grown.set(this.#times);
    this.#times = grown;
  }
}
