/**
 * Server → client, `manycast.v1`: what happened in the room. `seq` grows by one with each; a jump means that one was
 * missed. `generation` grows each time the room's media is built. Neither begins at 1: both count from a time in ms.
 */
export interface RoomChange {
  id: 'room';
  type: 'presenter-live' | 'presenter-left' | 'presenter-away' | 'presenter-back';
  generation: number;
  seq: number;
}
