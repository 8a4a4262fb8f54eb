import type { OpeningOptions } from '@manycast/protocol';

/** What was asked of a room through the admin API. It counts from the room's next opening on. */
export interface RoomOptions extends OpeningOptions {
  /** Nobody may present before, Unix ms. A join token has `nbf` for that. */
  opensAtMs?: number | undefined;
}
