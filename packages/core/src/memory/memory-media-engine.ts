import { randomUUID } from 'node:crypto';
import {
  asEndpointId,
  asPipelineId,
  type EndpointId,
  type IceCandidate,
  type MediaServerUrl,
  type PipelineId,
  SignalError,
} from '@manycast/protocol';
import type {
  AdoptOrder,
  EndpointEvent,
  EndpointRef,
  MediaEngine,
  PublishOrder,
  ViewOrder,
} from '../ports/media-engine.js';
import type { ObjectTags } from '../ports/media-inspector.js';

/** Media servers that negotiate nothing and keep exact books: what exists, and what each endpoint was given. */
export class MemoryMediaEngine implements MediaEngine {
  readonly pipelines = new Map<PipelineId, Set<EndpointId>>();
  readonly candidates = new Map<EndpointId, IceCandidate[]>();
  readonly gathering = new Set<EndpointId>();
  private readonly listeners = new Map<EndpointId, (event: EndpointEvent) => void>();
  readonly tags = new Map<PipelineId | EndpointId, ObjectTags & { server: MediaServerUrl }>();
  /** Told of every new pipeline, when it is tagged. */
  readonly onPipeline = new Set<(server: MediaServerUrl, pipeline: PipelineId) => void>();
  /** Awaited in the middle of publish and view, where a test wants something else to happen first. */
  beforeAnswer: () => Promise<void> = async () => {};

  async publish(order: PublishOrder) {
    const pipeline = asPipelineId(`${randomUUID()}_kurento.MediaPipeline`);
    this.pipelines.set(pipeline, new Set());
    this.tags.set(pipeline, tagsOf(order, 'pipeline'));
    for (const listener of this.onPipeline) listener(order.server, pipeline);
    return {
      pipeline,
      ...(await this.negotiate(order, 'presenter', pipeline, () =>
        this.releasePipeline({ server: order.server, pipeline }),
      )),
    };
  }

  async view(order: ViewOrder) {
    if (!this.pipelines.get(order.pipeline)?.has(order.source)) throw new SignalError('media-gone');
    return this.negotiate(order, 'viewer', order.pipeline, async () => {});
  }

  async gatherCandidates({ endpoint }: EndpointRef): Promise<void> {
    this.require(endpoint);
    this.gathering.add(endpoint);
  }

  async addIceCandidate({ endpoint }: EndpointRef, candidate: IceCandidate): Promise<void> {
    this.require(endpoint);
    this.candidates.get(endpoint)?.push(candidate);
  }

  async adopt({ endpoint }: AdoptOrder): Promise<{ isConnected: boolean }> {
    this.require(endpoint);
    return { isConnected: this.gathering.has(endpoint) };
  }

  disown(): void {}

  /** An event of an endpoint, for whoever made it. */
  tell({ endpoint }: EndpointRef, event: EndpointEvent): void {
    this.listeners.get(endpoint)?.(event);
  }

  async releaseEndpoint({ endpoint }: EndpointRef): Promise<void> {
    for (const endpoints of this.pipelines.values()) endpoints.delete(endpoint);
    this.candidates.delete(endpoint);
    this.listeners.delete(endpoint);
    this.gathering.delete(endpoint);
    this.tags.delete(endpoint);
  }

  async releasePipeline({
    server,
    pipeline,
  }: {
    server: MediaServerUrl;
    pipeline: PipelineId;
  }): Promise<void> {
    for (const endpoint of this.pipelines.get(pipeline) ?? [])
      await this.releaseEndpoint({ server, endpoint });
    this.pipelines.delete(pipeline);
    this.tags.delete(pipeline);
  }

  private async negotiate(
    order: PublishOrder,
    role: 'presenter' | 'viewer',
    pipeline: PipelineId,
    undo: () => Promise<void>,
  ) {
    const { sdpOffer, signal } = order;
    if (!sdpOffer.startsWith('v=0')) {
      await undo();
      throw new SignalError('bad-sdp');
    }
    await this.beforeAnswer();
    const endpoints = this.pipelines.get(pipeline);
    if (!endpoints) throw new SignalError('media-gone');
    if (signal?.aborted) {
      await undo();
      throw new SignalError('media-gone', { message: 'the attempt was given up' });
    }
    const endpoint = asEndpointId(`${pipeline}/${randomUUID()}_kurento.WebRtcEndpoint`);
    endpoints.add(endpoint);
    this.candidates.set(endpoint, []);
    this.listeners.set(endpoint, order.onEvent);
    this.tags.set(endpoint, tagsOf(order, role));
    return { endpoint, sdpAnswer: `v=0\r\ns=answer to ${sdpOffer.length}\r\n` };
  }

  private require(endpoint: EndpointId): void {
    if (!this.candidates.has(endpoint)) throw new SignalError('media-gone');
  }
}

const tagsOf = (
  { server, room, session, generation, speech = 'tutorial' }: PublishOrder,
  role: ObjectTags['role'],
) => ({
  speech,
  server,
  room,
  session,
  generation,
  role,
});
