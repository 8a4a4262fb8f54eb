import { z } from 'zod';
import type { ErrorCode } from '../error-code.js';
import type { RoomChange } from './room-change.js';

/**
 * Client → server, `manycast.v1`: continue a session on this socket. `seq` is the number of the last room event
 * the client saw; 0 before the first. `chatEpoch` and `chatOffset`: of the last chat entry it saw, if it was in the chat.
 * What came after it follows upon `resumed` and `chatState`.
 */
export const Resume = z.object({
  id: z.literal('resume'),
  resumeToken: z.string().min(1).max(2048),
  seq: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  chatEpoch: z.string().max(64).optional(),
  chatOffset: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
});
export type Resume = z.infer<typeof Resume>;

/** Server → client: this socket now carries the session; the one before is closed as superseded. */
export interface Resumed {
  id: 'resumed';
  resumeToken: string;
  node: string;
  /** The room's events after the client's `seq`, in order. */
  events: RoomChange[];
  /** False when the room's log does not reach back that far: `room` tells what is so now. */
  isComplete: boolean;
  room: { state: 'ended' | 'starting' | 'live'; generation: number; seq: number };
  /** True: offer again, the media of before is of no use. */
  renegotiate: boolean;
}

/** Server → client: the session cannot be continued; start a new one. Nothing else is to be expected on this socket for it. */
export interface ResumeRejected {
  id: 'resumeRejected';
  code: ErrorCode;
  message: string;
  retryAfterMs?: number;
}
