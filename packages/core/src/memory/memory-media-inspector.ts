import { type EndpointId, type MediaServerUrl, type PipelineId, SignalError } from '@manycast/protocol';
import type { EndpointRef } from '../ports/media-engine.js';
import type {
  EndpointFigures,
  EndpointStates,
  MediaInspector,
  ObjectTags,
  PipelineRef,
} from '../ports/media-inspector.js';
import type { MemoryMediaEngine } from './memory-media-engine.js';

/** Looks at what a memory engine has. An endpoint that gathers counts as connected. */
export class MemoryMediaInspector implements MediaInspector {
  readonly guarded = new Set<PipelineId>();
  /** While it is set nothing can be asked. */
  isAway = false;
  /** Endpoints whose client is not heard. */
  readonly silent = new Set<EndpointId>();

  constructor(private readonly media: MemoryMediaEngine) {}

  async guard({ pipeline }: PipelineRef): Promise<void> {
    this.require(pipeline);
    this.guarded.add(pipeline);
  }

  async endpoints({ pipeline }: PipelineRef): Promise<EndpointId[]> {
    this.require(pipeline);
    return [...(this.media.pipelines.get(pipeline) ?? [])];
  }

  async tags({ object }: { object: PipelineId | EndpointId }): Promise<ObjectTags | null> {
    this.require(object);
    const { server, ...tags } = this.media.tags.get(object) ?? {};
    return server ? (tags as ObjectTags) : null;
  }

  async states({ endpoint }: EndpointRef): Promise<EndpointStates> {
    this.require(endpoint);
    const connection = this.media.gathering.has(endpoint) ? 'connected' : 'disconnected';
    return { connection, media: this.silent.has(endpoint) ? 'disconnected' : connection };
  }

  async figures(ref: EndpointRef): Promise<EndpointFigures> {
    return { ...(await this.states(ref)), bytesIn: 0, bytesOut: 0, packetsLost: 0 };
  }

  async pipelines(server: MediaServerUrl): Promise<PipelineId[]> {
    this.requireServer();
    return [...this.media.pipelines.keys()].filter(id => this.media.tags.get(id)?.server === server);
  }

  async watchPipelines(server: MediaServerUrl, onCreated: (pipeline: PipelineId) => void): Promise<void> {
    this.requireServer();
    this.media.onPipeline.add((on, pipeline) => {
      if (on === server) onCreated(pipeline);
    });
  }

  private require(object: PipelineId | EndpointId): void {
    this.requireServer();
    const { pipelines, candidates } = this.media;
    if (!pipelines.has(object as PipelineId) && !candidates.has(object as EndpointId))
      throw new SignalError('media-gone');
  }

  private requireServer(): void {
    if (this.isAway) throw new SignalError('media-unavailable');
  }
}
