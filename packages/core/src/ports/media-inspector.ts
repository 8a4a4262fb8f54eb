import type { EndpointId, MediaServerUrl, PipelineId, Speech } from '@manycast/protocol';
import type { EndpointRef } from './media-engine.js';

export interface PipelineRef {
  server: MediaServerUrl;
  pipeline: PipelineId;
}

/** What our own objects on a media server are tagged with: enough to rebuild the truth from. */
export interface ObjectTags {
  room: string;
  session: string;
  generation: number;
  role: 'pipeline' | 'presenter' | 'viewer';
  /** What the session's client can: whether it may come back. */
  speech: Speech;
}

/** How an endpoint and its client stand. */
export interface EndpointStates {
  /** ICE and DTLS. Kurento, whose ICE asks for no consent, goes on saying `connected` of a client that vanished. */
  connection: 'connected' | 'disconnected';
  /** RTP or RTCP was seen lately: a client that vanished is missed after some 20 s, one that never reports at once. */
  media: 'connected' | 'disconnected';
}

/** What has passed through an endpoint, as the media server counts it. */
export interface EndpointFigures extends EndpointStates {
  /** From its client. */
  bytesIn: number;
  /** To its client. */
  bytesOut: number;
  packetsLost: number;
}

/**
 * What a controller looks at and holds on to on the media servers. Throws SignalError `media-unavailable`,
 * `media-gone`, `internal`.
 */
export interface MediaInspector {
  /**
   * Holds a reference on a pipeline and on every endpoint in it, so that nothing is collected while sessions are
   * between nodes. Endpoints made afterwards are held by inheritance. Idempotent; it ends with the objects.
   */
  guard(ref: PipelineRef): Promise<void>;

  /** The endpoints in a pipeline. */
  endpoints(ref: PipelineRef): Promise<EndpointId[]>;

  /** Null for an object that is not ours. */
  tags(ref: { server: MediaServerUrl; object: PipelineId | EndpointId }): Promise<ObjectTags | null>;

  /** Takes a reference. */
  states(ref: EndpointRef): Promise<EndpointStates>;

  /** What an operator asks for. Takes a reference. */
  figures(ref: EndpointRef): Promise<EndpointFigures>;

  /** Every pipeline of a server. A real Kurento then holds on to all its objects for one collection period: to be called rarely. */
  pipelines(server: MediaServerUrl): Promise<PipelineId[]>;

  /** Pipelines that are made on the server from now on, by whomever; renewed by itself after a reconnection. */
  watchPipelines(server: MediaServerUrl, onCreated: (pipeline: PipelineId) => void): Promise<void>;
}
