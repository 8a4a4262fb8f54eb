/**
 * Server → client, `manycast.v1`: how many watch now, whatever node they are on, those within their grace periods
 * included. At most one a second, and only when it changed. `isPresenterAway`: its socket is lost, and it may come back.
 */
export interface Presence {
  id: 'presence';
  viewers: number;
  isPresenterAway: boolean;
}
