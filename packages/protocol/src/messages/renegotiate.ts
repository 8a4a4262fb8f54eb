/**
 * Server → client, `manycast.v1`: offer again, on a new peer connection, with the same message as before.
 * `media-moved`: the room's media was built anew, as `generation`. `media-lost`: the client's own endpoint is gone.
 */
export interface Renegotiate {
  id: 'renegotiate';
  reason: 'media-moved' | 'media-lost';
  generation: number;
}
