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
  /** Names this join in the logs of every process; the node makes one up where the client does not. */
  trace: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional(),
  /** Who may come in, where the cluster asks. */
  token: joinToken.optional(),
};
