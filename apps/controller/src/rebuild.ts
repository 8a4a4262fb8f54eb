import type { MediaInspector, PoolStore, RoomStore, StoreBirth } from '@manycast/core';
import { type MediaServerUrl, SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import type { Calm } from './calm.js';
import type { Guardian } from './guardian.js';
import { inParallel } from './in-parallel.js';
import type { FoundPipeline, PipelineCensus } from './pipeline-census.js';
import { restoredBroadcast, type TaggedEndpoint } from './restored-sessions.js';

export interface RebuildOptions {
  birth: StoreBirth;
  rooms: RoomStore;
  pool: PoolStore;
  inspector: MediaInspector;
  census: PipelineCensus;
  guardian: Guardian;
  /** Those that the pool has now. */
  servers(): MediaServerUrl[];
  calm: Calm;
  /** How long nodes have to put back what they know. */
  rebuildMs: number;
  log: Logger;
}

/**
 * After Redis came back empty the media servers' tags tell what was live (R-REDIS-2). Nodes put back their own
 * sessions, which are newer than anything found here; what remains are sessions between nodes. A server that cannot
 * be asked is asked again, and until then nothing on it counts as orphaned.
 */
export class Rebuild {
  private birthName: string | undefined;
  private readonly pending = new Set<MediaServerUrl>();

  constructor(private readonly options: RebuildOptions) {}

  isPending(server: MediaServerUrl): boolean {
    return this.pending.has(server);
  }

  /** To be called before each look at the rooms. True when what was seen before is of no use any more. Throws SignalError `unavailable`. */
  async look(): Promise<boolean> {
    const { birth, servers, calm, rebuildMs, log } = this.options;
    const { name, ageMs } = await birth.read();
    // A controller that has just started knows no former one: a young filling may have replaced another.
    const isNew = this.birthName === undefined ? ageMs < rebuildMs : name !== this.birthName;
    if (isNew) {
      log.warn({ ageMs }, 'Redis is new: its rooms are rebuilt from the media servers');
      calm.disturb(rebuildMs);
      for (const server of servers()) this.pending.add(server);
    }
    this.birthName = name;
    await Promise.all([...this.pending].map(server => this.rebuild(server)));
    return isNew;
  }

  private async rebuild(server: MediaServerUrl): Promise<void> {
    const { census, log } = this.options;
    try {
      const found = await census.survey(server);
      await inParallel(found, 4, pipeline => this.restore(pipeline));
      this.pending.delete(server);
      if (found.length > 0) log.warn({ server, pipelines: found.length }, 'put back from its tags');
    } catch (thrown) {
      const error = SignalError.from(thrown);
      if (error.code === 'unavailable') throw error;
      log.warn({ err: error, server }, 'not put back yet');
    }
  }

  private async restore(found: FoundPipeline): Promise<void> {
    const { inspector, rooms, pool, guardian } = this.options;
    const { server } = found;
    if (!(await guardian.guard(found))) return;
    const tagged: TaggedEndpoint[] = [];
    await inParallel(await unlessGone(inspector.endpoints(found), []), 8, async endpoint => {
      const tags = await unlessGone(inspector.tags({ server, object: endpoint }), null);
      if (tags) tagged.push({ endpoint, tags });
    });
    const { sessions, reservation } = restoredBroadcast(found, tagged, Date.now());
    if (sessions.length === 0) return;
    // Whoever makes it just now claimed its room before: there is nothing to put back.
    const { state, generation, presenter } = await rooms.read(found.room);
    const isBeingMade = sessions.some(({ session }) => session === presenter);
    if (state === 'starting' && generation === found.generation && isBeingMade) return;
    await inParallel(sessions, 8, async session => void (await rooms.restore(session)));
    await pool.restore(reservation);
  }
}

/** An object may end while it is looked at. */
async function unlessGone<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (SignalError.from(error).code === 'media-gone') return otherwise;
    throw error;
  }
}
