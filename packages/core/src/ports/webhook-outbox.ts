import type { RoomName } from '@manycast/protocol';
import type { Told } from '../domain/webhook-event.js';

/** What one receiver is told of one room, in order. */
export interface Lane {
  receiver: string;
  room: RoomName;
}

export interface OutboxEntry {
  /** Its place in the outbox. */
  place: string;
  /** Of the event, the same for every receiver, and never given twice. */
  id: string;
  /** When it happened. */
  atMs: number;
  /** Since when it waits here: later than it happened when it is sent again. */
  writtenAtMs: number;
  told: Told;
  /** The only receiver it is for: somebody has it sent again. */
  only?: string;
  /** Of a level: since when the newest value has not been told. */
  sinceMs?: number;
}

/**
 * What happened in rooms and has not been told to every receiver yet. An entry is written by the very step that
 * changes the room, so neither is there without the other; it goes when every receiver that is known has passed it.
 *
 * Each lane has a cursor and, at a time, one owner: `turn` names the owner's time, and whoever began an older one is
 * fenced. Every method but `watch` throws SignalError `unavailable`.
 */
export interface WebhookOutbox {
  /** Begins a turn and ends whatever turn there was. The first entries past the cursor; `failures`: since the last success. */
  take(lane: Lane, turn: string, limit: number): Promise<{ failures: number; entries: OutboxEntry[] }>;

  /** Everything up to this place is done. */
  advance(lane: Lane, turn: string, place: string): Promise<'advanced' | 'fenced'>;

  /** The next entry could not be delivered. Returns how often that is since the last success. */
  fail(lane: Lane, turn: string): Promise<number | 'fenced'>;

  /** Has something sent again to one receiver, after what waits for it in the room, under the same id. */
  putBack(lane: Lane, entry: Pick<OutboxEntry, 'id' | 'atMs' | 'told'>): Promise<void>;

  /** True for one caller in so many ms: it is the one to look through all of them. */
  claimLook(everyMs: number): Promise<boolean>;

  /** Every room that has something for somebody. Looks at the whole store: for what was not heard of. */
  rooms(): AsyncIterable<RoomName>;

  /**
   * Calls `onChange` when something was written for a room. That may get lost: `onGap` says when it may have been,
   * the first time included, and `rooms` tells what there is.
   */
  watch(listener: { onChange(room: RoomName): void; onGap(): void }): void;
}
