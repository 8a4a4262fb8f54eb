/**
 * Server → client, `manycast.v1`: the room's events after the last that the client was told, up to `seq`, are lost for
 * good: those that come next go on from there. Nothing is to be done on the wire.
 */
export interface Gap {
  id: 'gap';
  seq: number;
}
