import { z } from 'zod';
import { offerFields } from './offer.js';

/** Client → server: take the presenter's place in the room and send media. Answered by `presenterResponse`. */
export const Presenter = z.object({ id: z.literal('presenter'), ...offerFields });
export type Presenter = z.infer<typeof Presenter>;

/** Server → client. `message` is always a string: the tutorial's pages print it. `code` is for everybody else. */
export type PresenterResponse =
  | { id: 'presenterResponse'; response: 'accepted'; sdpAnswer: string }
  | { id: 'presenterResponse'; response: 'rejected'; message: string; code: string; retryAfterMs?: number };
