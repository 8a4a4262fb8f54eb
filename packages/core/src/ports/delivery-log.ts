import type { RoomName } from '@manycast/protocol';

/** One attempt to tell a receiver something. */
export interface Delivery {
  atMs: number;
  id: string;
  type: string;
  room: RoomName;
  /** Since the last success of the lane, from 1. */
  attempt: number;
  outcome: 'delivered' | 'failed' | 'dead';
  /** HTTP status; null when there was no answer. */
  status: number | null;
  tookMs: number;
  /** Why it failed. */
  reason: string | null;
}

/** The last attempts, by receiver; bounded in number and in time. Throws SignalError `unavailable`. */
export interface DeliveryLog {
  write(receiver: string, delivery: Delivery): Promise<void>;

  /** Newest first. `after`: the `next` of the page before. */
  read(
    receiver: string,
    page: { limit: number; after: string },
  ): Promise<{ deliveries: Delivery[]; next: string | null }>;
}
