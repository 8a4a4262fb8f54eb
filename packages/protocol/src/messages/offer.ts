import { z } from 'zod';
import { defaultRoom, RoomName } from '../ids.js';

/** Characters; an offer of a browser with every codec has 5,000-10,000. */
export const maxSdpLength = 32_768;

/** What `presenter` and `viewer` share. */
export const offerFields = {
  sdpOffer: z.string().min(1).max(maxSdpLength),
  room: RoomName.default(defaultRoom),
};
