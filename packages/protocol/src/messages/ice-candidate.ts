import { z } from 'zod';

/** RTCIceCandidate.toJSON() of a browser; nulls appear where a browser leaves a field out. */
export const IceCandidate = z.object({
  candidate: z.string().max(1024),
  sdpMid: z
    .string()
    .max(64)
    .nullish()
    .transform(mid => mid ?? null),
  sdpMLineIndex: z
    .number()
    .int()
    .min(0)
    .max(64)
    .nullish()
    .transform(index => index ?? null),
  usernameFragment: z.string().max(256).nullish(),
});
export type IceCandidate = z.infer<typeof IceCandidate>;

/** Server → client: a candidate of the media server. Never sent after a rejection, `stop` or `stopCommunication`. */
export interface IceCandidateMessage {
  id: 'iceCandidate';
  candidate: { candidate: string; sdpMid: string | null; sdpMLineIndex: number | null };
}
