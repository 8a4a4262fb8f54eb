import type { RoomName, SessionId } from '@manycast/protocol';

/** A session that ends unless it is attached again: `epoch` is the attachment that was lost. */
export interface Expiry {
  room: RoomName;
  session: SessionId;
  epoch: number;
  /** Its media server has said since that it hears the client. */
  wasHeard?: boolean;
}

/** Ends detached sessions when their grace period is over. The same expiry scheduled twice happens once. */
export interface ExpiryQueue {
  /** Throws SignalError `unavailable`. */
  schedule(expiry: Expiry, delayMs: number): Promise<void>;
}
