import { z } from 'zod';
import { offerFields } from './offer.js';

/** Client → server: watch the room. Answered by `viewerResponse`, after a bounded wait if the presenter is just starting. */
export const Viewer = z.object({ id: z.literal('viewer'), ...offerFields });
export type Viewer = z.infer<typeof Viewer>;

/** Server → client; see `PresenterResponse`. */
export type ViewerResponse =
  | { id: 'viewerResponse'; response: 'accepted'; sdpAnswer: string }
  | { id: 'viewerResponse'; response: 'rejected'; message: string; code: string; retryAfterMs?: number };
