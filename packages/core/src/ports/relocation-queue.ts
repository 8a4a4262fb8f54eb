import type { MediaServerUrl, RoomName } from '@manycast/protocol';

/** A room that is to go on elsewhere. */
export interface Relocation {
  room: RoomName;
  /**
   * `lost`: its server is. `drain`: its server is being drained; who cannot move stays until that is over.
   * `order`: an operator wants it moved now.
   */
  cause: 'lost' | 'drain' | 'order';
  /** The server it is to leave; another one means that it has been moved already. */
  from: MediaServerUrl;
  /** Where to; otherwise the pool chooses. */
  to?: MediaServerUrl;
  /** Unix ms: tutorial pages, which cannot move, keep what they have until then. */
  deadlineMs?: number;
  /** How many are in it: the biggest audience comes first. */
  audience: number;
  /** How far it has come; kept by whoever carries it out. Unix ms. */
  progress?: { toldAtMs?: number; movedAtMs?: number; followedAtMs?: number };
}

/** Moves rooms, each once at a time however often it is asked. */
export interface RelocationQueue {
  /** Throws SignalError `unavailable`. */
  schedule(relocation: Relocation): Promise<void>;
}
