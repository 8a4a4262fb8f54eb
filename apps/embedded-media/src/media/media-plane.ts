import type { Logger } from '@manycast/runtime';
import type { MediaEndpoint } from './media-endpoint.js';

export interface MediaPlaneOptions {
  /** The address ICE binds to; `0.0.0.0` means every interface. */
  host: string;
  /** 0: a port per endpoint; otherwise every endpoint shares this one UDP port. */
  udpPort: number;
  log: Logger;
}

/** Owns every endpoint of the process and what they share: one UDP port, one clock tick, one native library. */
export interface MediaPlane {
  /** `id` names the endpoint in logs only. */
  createEndpoint(opts: { id: string }): MediaEndpoint;
  /** Closes every endpoint and lets the process exit. */
  close(): Promise<void>;
}

export function createMediaPlane(_opts: MediaPlaneOptions): MediaPlane {
  throw new Error('not yet');
}
