import { z } from 'zod';
import { defaultRoom, RoomName } from '../ids.js';

/** Characters; an offer of a browser with every codec has 5,000-10,000. */
export const maxSdpLength = 32_768;

/** A JWT; the claims are in SPEC.md. */
export const joinToken = z.string().min(1).max(4_096);

/** What `presenter` and `viewer` share. */
export const offerFields = {
  sdpOffer: z.string().min(1).max(maxSdpLength),
  room: RoomName.default(defaultRoom),
  /** Who may come in, where the cluster asks. */
  token: joinToken.optional(),
};
