/**
 * Server → client, `manycast.v1`: this node goes away. After `afterMs` open a socket elsewhere, resume there, and
 * close this one when `resumed` has come.
 */
export interface Goaway {
  id: 'goaway';
  afterMs: number;
}
