import type { MediaServerUrl } from '@manycast/protocol';
import type { ServerLoad } from '../domain/media-server.js';

/** How this process finds a media server. `serverId`: of the one it sees, or saw last. */
export interface ProbedServer {
  isReachable: boolean;
  serverId: string | null;
}

/** Looks after media servers from this process: whether they answer, who they are, how they are. */
export interface MediaProbe {
  /** Begins to watch it, and to hold links to it. Idempotent. */
  watch(server: MediaServerUrl): void;

  /** It is no part of the pool any more: its links end. Idempotent. */
  unwatch(server: MediaServerUrl): void;

  /** Null while it cannot say yet: it has only begun, or was itself held up. */
  look(server: MediaServerUrl): ProbedServer | null;

  /** Calls when `look` would say something else of a server. Returns what ends it. */
  onChange(listener: () => void): () => void;

  /** Has the server make a first endpoint, which costs it 0.5-1.5 s, and releases it. Throws SignalError. */
  warmUp(server: MediaServerUrl): Promise<void>;

  /** What it says of itself. Throws SignalError `media-unavailable`. */
  load(server: MediaServerUrl): Promise<ServerLoad>;
}
