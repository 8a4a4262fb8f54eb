import { z } from 'zod';

/** Client → server, `manycast.v1`: end the session for good. What `stop` is to a tutorial page. */
export const Leave = z.object({ id: z.literal('leave') });
export type Leave = z.infer<typeof Leave>;
