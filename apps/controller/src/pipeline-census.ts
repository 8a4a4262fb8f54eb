import { setTimeout as pause } from 'node:timers/promises';
import type { MediaInspector, ObjectTags, PipelineRef } from '@manycast/core';
import { type MediaServerUrl, type PipelineId, RoomName, SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import { inParallel } from './in-parallel.js';

/** A pipeline of ours, with the broadcast it is tagged for. */
export interface FoundPipeline extends PipelineRef {
  room: RoomName;
  generation: number;
}

export interface PipelineCensusOptions {
  inspector: MediaInspector;
  /** Those that the pool has now. */
  servers(): MediaServerUrl[];
  log: Logger;
  onFound(pipeline: FoundPipeline): void;
}

/** Asking for all pipelines makes a real Kurento hold on to all its objects for a collection period. */
const SURVEY_MS = 600_000;
/** A pipeline is told of before its tags are there: they follow in the same request. Waits add up to 1.5 s. */
const TAG_WAITS_MS = [50, 100, 200, 400, 750];

/** Which pipelines of ours are on the media servers: told of as they are made, and counted rarely. */
export class PipelineCensus {
  private readonly found = new Map<PipelineId, FoundPipeline>();
  private readonly watched = new Set<MediaServerUrl>();
  private readonly surveyedAtMs = new Map<MediaServerUrl, number>();

  constructor(private readonly options: PipelineCensusOptions) {}

  /** To be called again and again: a server that could not be asked is asked the next time. Never rejects. */
  async refresh(nowMs: number): Promise<void> {
    await Promise.all(this.options.servers().map(server => this.refreshServer(server, nowMs)));
  }

  all(): FoundPipeline[] {
    return [...this.found.values()];
  }

  /** It may have been away with what it has: it is counted again. */
  recount(server: MediaServerUrl): void {
    this.surveyedAtMs.delete(server);
  }

  forget(pipeline: PipelineId): void {
    this.found.delete(pipeline);
  }

  /** Throws SignalError `media-unavailable`. */
  async survey(server: MediaServerUrl): Promise<FoundPipeline[]> {
    const pipelines = await this.options.inspector.pipelines(server);
    await inParallel(pipelines, 8, pipeline => this.discover({ server, pipeline }, []));
    const existing = new Set(pipelines);
    return this.all().filter(found => found.server === server && existing.has(found.pipeline));
  }

  private async refreshServer(server: MediaServerUrl, nowMs: number): Promise<void> {
    const { inspector, log } = this.options;
    try {
      if (!this.watched.has(server)) {
        await inspector.watchPipelines(server, pipeline => {
          this.discover({ server, pipeline }, TAG_WAITS_MS).catch(error =>
            log.warn({ err: error, server, pipeline }, 'a new pipeline could not be looked at'),
          );
        });
        this.watched.add(server);
      }
      const surveyedAtMs = this.surveyedAtMs.get(server);
      if (surveyedAtMs === undefined || nowMs - surveyedAtMs >= SURVEY_MS) {
        await this.survey(server);
        this.surveyedAtMs.set(server, nowMs);
      }
    } catch (error) {
      log.debug({ err: error, server }, 'media server not looked at');
    }
  }

  /** Tries again after each of the waits. Throws SignalError `media-unavailable`. */
  private async discover(ref: PipelineRef, waitsMs: number[]): Promise<void> {
    const { server, pipeline } = ref;
    try {
      const tags = await this.options.inspector.tags({ server, object: pipeline });
      if (tags) return this.add(ref, tags);
      if (waitsMs.length === 0) return;
    } catch (thrown) {
      const error = SignalError.from(thrown);
      if (error.code === 'media-gone') return;
      if (waitsMs.length === 0) throw error;
    }
    await pause(waitsMs[0], undefined, { ref: false });
    await this.discover(ref, waitsMs.slice(1));
  }

  private add(ref: PipelineRef, { room, generation }: ObjectTags): void {
    const name = RoomName.safeParse(room);
    if (!name.success || this.found.has(ref.pipeline)) return;
    const found = { ...ref, room: name.data, generation };
    this.found.set(ref.pipeline, found);
    this.options.onFound(found);
  }
}
