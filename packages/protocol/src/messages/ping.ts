import { z } from 'zod';

/** Client → server, `manycast.v1`: are you there? Answered by `pong`. A browser cannot see WebSocket's own pings. */
export const Ping = z.object({ id: z.literal('ping') });
export type Ping = z.infer<typeof Ping>;

export interface Pong {
  id: 'pong';
}
