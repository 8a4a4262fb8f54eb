import type { NodeRegistry, RoomView } from '@manycast/core';
import { type MediaServerUrl, type RoomName, SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import type { Calm } from './calm.js';
import type { ControllerMetrics } from './controller-metrics.js';
import type { Guardian } from './guardian.js';
import { inParallel } from './in-parallel.js';
import { type MendOptions, mend } from './mend.js';
import type { PipelineCensus } from './pipeline-census.js';
import { pipelineRepairs, reservationRepairs } from './pool-repairs.js';
import type { Rebuild } from './rebuild.js';
import type { Patience, Repair } from './repair.js';
import { type Circumstances, type RoomSnapshot, roomRepairs, unownedEndpoints } from './room-repairs.js';
import { Sightings } from './sightings.js';

export interface ReconcilerOptions extends MendOptions {
  registry: NodeRegistry;
  census: PipelineCensus;
  guardian: Guardian;
  rebuild: Rebuild;
  calm: Calm;
  patience: Patience;
  metrics: ControllerMetrics;
  log: Logger;
}

/**
 * Compares Redis with the media servers and repairs both (R-OWN-6). A look is: read everything, suspect, and act upon
 * what has been suspect for long enough. Safe at any time and on several controllers: it releases only what nobody
 * has had for longer than a join can take, and every change is fenced by the store.
 */
export class Reconciler {
  private readonly sightings = new Sightings();

  constructor(private readonly options: ReconcilerOptions) {}

  /** Throws SignalError `unavailable`; media servers that cannot be asked are left out. */
  async look(signal?: AbortSignal): Promise<void> {
    const { metrics } = this.options;
    try {
      await this.compareAndMend(signal);
      metrics.looks.inc({ outcome: 'done' });
    } catch (error) {
      metrics.looks.inc({ outcome: 'failed' });
      throw error;
    }
  }

  private async compareAndMend(signal: AbortSignal | undefined): Promise<void> {
    const { census, rebuild, guardian, pool, calm, rooms } = this.options;
    if (await rebuild.look()) this.sightings.clear();
    const circumstances = await this.circumstances();

    // What is found and promised is read before the rooms: whoever has it by then shows in its room.
    const pipelines = census.all();
    const reservations = await pool.reservations();
    const names = new Set([...pipelines, ...reservations].map(({ room }) => room));
    const views = new Map<RoomName, RoomView>();
    const repairs: Repair[] = [];
    const away = new Set<MediaServerUrl>();
    await inParallel(names, 8, async room => {
      signal?.throwIfAborted();
      const view = await rooms.read(room);
      views.set(room, view);
      // A process that died may have left it untold.
      this.options.presence.touch(room);
      const isSettled = calm.isCalm && !(view.media && rebuild.isPending(view.media.server));
      const snapshot = await this.snapshot(room, view, away);
      repairs.push(...roomRepairs(snapshot, { ...circumstances, isSettled }, this.options.patience));
    });
    this.options.metrics.seen(views.values());
    const needed = [...views.values()].flatMap(({ media }) => (media ? [media.pipeline] : []));
    guardian.retain(new Set([...needed, ...pipelines.map(({ pipeline }) => pipeline)]));
    if (calm.isCalm) {
      const settled = pipelines.filter(({ server }) => !rebuild.isPending(server));
      repairs.push(...pipelineRepairs(settled, views, this.options.patience));
      repairs.push(...reservationRepairs(reservations, views, this.options.patience));
    }
    await inParallel(this.sightings.ripe(repairs, performance.now()), 8, repair => this.mend(repair));
  }

  private async circumstances(): Promise<Omit<Circumstances, 'isSettled'>> {
    const { registry, metrics, grace } = this.options;
    // In this order: a node that dies in between is expired, one that is born in between is live.
    const expired = new Set(await registry.expired());
    const live = new Set(await registry.live());
    metrics.nodes.set({ state: 'expired' }, expired.size);
    metrics.nodes.set({ state: 'live' }, live.size);
    return { nodes: { live, expired }, grace, nowMs: Date.now() };
  }

  /** `away`: servers that did not answer in this look, which would hold it up once per room. */
  private async snapshot(room: RoomName, view: RoomView, away: Set<MediaServerUrl>): Promise<RoomSnapshot> {
    const { guardian, inspector, rooms, log } = this.options;
    const { media } = view;
    if (!media || away.has(media.server)) return { room, view, endpoints: null, unowned: [] };
    try {
      await guardian.guard(media);
      const endpoints = await inspector.endpoints(media);
      const unowned = unownedEndpoints(endpoints, view);
      if (unowned.length === 0) return { room, view, endpoints, unowned };
      // Some may have been noted since the room was read.
      return { room, view, endpoints, unowned: unownedEndpoints(unowned, await rooms.read(room)) };
    } catch (thrown) {
      const error = SignalError.from(thrown);
      if (error.code === 'media-gone') return { room, view, endpoints: [], unowned: [] };
      if (error.code === 'unavailable') throw error;
      if (error.code === 'media-unavailable') away.add(media.server);
      log.debug({ err: error, room }, 'the room’s media could not be looked at');
      return { room, view, endpoints: null, unowned: [] };
    }
  }

  private async mend(repair: Repair): Promise<void> {
    const { census, metrics, log } = this.options;
    try {
      const isRepaired = await mend(this.options, repair);
      if (repair.kind === 'orphan-pipeline') census.forget(repair.pipeline);
      if (!isRepaired) return;
      metrics.repairs.inc({ kind: repair.kind });
      const { key, afterMs, repeatMs, ...what } = repair;
      log.warn(what, 'repaired');
    } catch (thrown) {
      const error = SignalError.from(thrown);
      if (error.code === 'unavailable') throw error;
      log.warn({ err: error, kind: repair.kind }, 'not repaired yet');
    }
  }
}
