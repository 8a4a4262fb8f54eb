import type {
  EndpointId,
  IceCandidate,
  MediaServerUrl,
  PipelineId,
  RoomName,
  SessionId,
  Speech,
} from '@manycast/protocol';

/**
 * The media servers, as far as signaling needs them. Any node reaches any object by its id. Throws SignalError:
 * `media-unavailable` (no link, or the deadline passed), `media-gone` (the object does not exist any more),
 * `bad-sdp`, `bad-candidate`, `media-full`, `internal`. What a failing or aborted call had made is released by
 * the engine itself, also when the server's reply comes late.
 */
export interface MediaEngine {
  /** A pipeline with the presenter's endpoint in it: one request. */
  publish(order: PublishOrder): Promise<{ pipeline: PipelineId; endpoint: EndpointId; sdpAnswer: string }>;

  /** A viewer's endpoint, fed by `source`: one request. */
  view(order: ViewOrder): Promise<{ endpoint: EndpointId; sdpAnswer: string }>;

  /** To be called after the answer went out and before any candidate is added (Kurento/bugtracker #539, #540). */
  gatherCandidates(ref: EndpointRef): Promise<void>;

  addIceCandidate(ref: EndpointRef, candidate: IceCandidate): Promise<void>;

  /**
   * Takes over an endpoint that another process made: a reference of our own, its events from now on, and whether
   * its client is connected now. One request. Throws `media-gone` when there is nothing to take over.
   */
  adopt(order: AdoptOrder): Promise<{ isConnected: boolean }>;

  /** The endpoint's events are not ours any more; nothing changes on the server. */
  disown(ref: EndpointRef): void;

  /** Idempotent; keeps nobody waiting behind it. No event of the object is delivered after the call. */
  releaseEndpoint(ref: EndpointRef): Promise<void>;

  /** The same for a pipeline and everything in it. */
  releasePipeline(ref: { server: MediaServerUrl; pipeline: PipelineId }): Promise<void>;
}

export interface EndpointRef {
  server: MediaServerUrl;
  endpoint: EndpointId;
}

export interface PublishOrder {
  server: MediaServerUrl;
  room: RoomName;
  session: SessionId;
  generation: number;
  /** Default `tutorial`. */
  speech?: Speech;
  sdpOffer: string;
  /** Joins the logs of every process: the object is tagged with it. */
  trace?: string;
  onEvent: (event: EndpointEvent) => void;
  signal?: AbortSignal;
}

export interface ViewOrder extends PublishOrder {
  pipeline: PipelineId;
  source: EndpointId;
}

export interface AdoptOrder extends EndpointRef {
  pipeline: PipelineId;
  onEvent: (event: EndpointEvent) => void;
}

export type EndpointEvent =
  | { type: 'candidate-found'; candidate: IceCandidate }
  | { type: 'gathering-done' }
  | { type: 'connection-state'; state: 'connected' | 'disconnected' }
  | { type: 'media-state'; state: 'connected' | 'disconnected' }
  | { type: 'media-flow'; direction: 'in' | 'out'; media: 'audio' | 'video' | 'data'; isFlowing: boolean };
