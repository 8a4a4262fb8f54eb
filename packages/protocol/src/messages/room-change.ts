/**
 * Server → client, `manycast.v1`: what happened in the room. `seq` grows by one with each; a jump means that one was
 * missed. `generation` counts how often the room's media was built anew.
 */
export interface RoomChange {
  id: 'room';
  type: 'presenter-live' | 'presenter-left';
  generation: number;
  seq: number;
}
