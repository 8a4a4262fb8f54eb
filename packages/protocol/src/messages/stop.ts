import { z } from 'zod';

/** Client → server: leave. A presenter's `stop` ends the room. The tutorial's pages do not send it after a rejection. */
export const Stop = z.object({ id: z.literal('stop') });
export type Stop = z.infer<typeof Stop>;
