import type {
  EndpointId,
  MediaServerUrl,
  PipelineId,
  RoomName,
  SessionId,
  SignalError,
} from '@manycast/protocol';
import type { RoomEvent } from './domain/event.js';
import type { EndpointEvent } from './ports/media-engine.js';
import type { Subscription } from './ports/room-events.js';

/** One try of one client to present or to watch: what the handler of an offer is given. */
export interface Attempt {
  readonly room: RoomName;
  readonly session: SessionId;
  /** Aborted when the client went away or gave up. */
  readonly signal: AbortSignal;
  onEndpointEvent(event: EndpointEvent): void;
  onRoomEvent(event: RoomEvent): void;
}

/** What an accepted attempt has, and has to give back. */
export interface SessionMedia {
  role: 'presenter' | 'viewer';
  generation: number;
  server: MediaServerUrl;
  pipeline: PipelineId;
  endpoint: EndpointId;
  /** A viewer's, on its room's events. */
  subscription?: Subscription;
}

/** What a handler of an offer returns. Refusals are returned, not thrown. */
export type Outcome =
  | { type: 'accepted'; sdpAnswer: string; media: SessionMedia }
  | { type: 'rejected'; error: SignalError };
