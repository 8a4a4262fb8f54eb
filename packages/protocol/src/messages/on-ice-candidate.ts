import { z } from 'zod';
import { IceCandidate } from './ice-candidate.js';

/** Client → server: a candidate of the browser. May come before the offer it belongs to is answered. */
export const OnIceCandidate = z.object({ id: z.literal('onIceCandidate'), candidate: IceCandidate });
export type OnIceCandidate = z.infer<typeof OnIceCandidate>;
