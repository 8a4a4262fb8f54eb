/** Server → client, `manycast.v1`: how many watch now, whatever node they are on. At most one a second, and only when it changed. */
export interface Presence {
  id: 'presence';
  viewers: number;
}
