/**
 * What happened in a room, in the order in which it happened: the script that changes a room raises `seq` and
 * publishes in the same step. `generation` tells broadcasts of the same room apart, so a late event of an old
 * one cannot touch the next.
 */
export type RoomEvent =
  | { type: 'presenter-live'; generation: number; seq: number }
  | { type: 'presenter-left'; generation: number; seq: number }
  /** The presenter of a live room has lost its socket, or has one again; its viewers keep their place, and mostly their picture. */
  | { type: 'presenter-away'; generation: number; seq: number }
  | { type: 'presenter-back'; generation: number; seq: number };
