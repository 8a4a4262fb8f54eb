import type { FakeTrack } from './fake-peer.js';

/** A stream that notes what is done to it. */
export class FakeStream {
  readonly changes: string[] = [];
  #tracks: FakeTrack[] = [];

  getTracks = (): FakeTrack[] => [...this.#tracks];
  addTrack(track: FakeTrack) {
    this.#tracks.push(track);
    this.changes.push(`+${track.id}`);
  }
  removeTrack(track: FakeTrack) {
    this.#tracks = this.#tracks.filter(own => own !== track);
    this.changes.push(`-${track.id}`);
  }
}
