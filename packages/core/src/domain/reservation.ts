import type { MediaServerUrl } from '@manycast/protocol';
import type { Labels } from './media-server.js';

/** Endpoints promised on one server to one generation of a room. */
export interface Promised {
  generation: number;
  server: MediaServerUrl;
  slots: number;
}

/** The same, with which life of the server it was made in: when that is over it counts no more. */
export interface HeldPart extends Promised {
  incarnation: number;
}

/**
 * What a room holds.
 *
 *   (none) ──reserve──▶ unkept ──keep──▶ kept ──relocate──▶ planned, with the former kept beside it
 *                          ▲                                   │
 *                          └──reserve of the next generation───┘ ──keep──▶ kept, and the former as long as it plays
 */
export interface Held extends HeldPart {
  /** Chosen by a move that the presenter has not followed yet: the next generation takes it over. */
  isPlanned: boolean;
  /** Labels that wherever it is must have; a move keeps to them. */
  require?: Labels;
  /** What still plays while the room's media is built anew elsewhere. */
  former: HeldPart | null;
  /** Unix ms; infinite once it is kept. */
  expiresAtMs: number;
}

export const partsOf = (held: Held | undefined): HeldPart[] =>
  held ? (held.former ? [held, held.former] : [held]) : [];
