import type { RoomName } from '@manycast/protocol';
import type { Told } from '../domain/webhook-event.js';

/** An event that a receiver could not be told. */
export interface DeadLetter {
  id: string;
  room: RoomName;
  /** When it happened. */
  atMs: number;
  told: Told;
  /** When it was given up. */
  givenUpAtMs: number;
  attempts: number;
  /** What the last attempt met. */
  reason: string;
}

/**
 * What was given up, by receiver; bounded: beyond the limit the oldest go. Every method is idempotent and throws
 * SignalError `unavailable`.
 */
export interface DeadLetters {
  /** Returns how many old ones had to go for it. */
  bury(receiver: string, letter: DeadLetter): Promise<number>;

  /** In the order in which they happened. `after`: the `next` of the page before. */
  list(
    receiver: string,
    page: { limit: number; after: string },
  ): Promise<{ letters: DeadLetter[]; next: string | null }>;

  read(receiver: string, id: string): Promise<DeadLetter | null>;

  remove(receiver: string, id: string): Promise<void>;

  count(receiver: string): Promise<number>;
}
