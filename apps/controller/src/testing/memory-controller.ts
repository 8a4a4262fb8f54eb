import {
  type Attempt,
  type Expiry,
  type Failpoint,
  MemoryMediaInspector,
  noFailpoint,
  presenter,
  viewer,
} from '@manycast/core';
import { memoryCluster, newAttempt, sdpOffer } from '@manycast/core/contracts';
import { asMediaServerUrl, type MediaServerUrl } from '@manycast/protocol';
import { createLogger, createRegistry } from '@manycast/runtime';
import { Calm } from '../calm.js';
import { ControllerMetrics } from '../controller-metrics.js';
import { expireSession } from '../expire-session.js';
import { Guardian } from '../guardian.js';
import { NodeReaper } from '../node-reaper.js';
import { PipelineCensus } from '../pipeline-census.js';
import { Rebuild } from '../rebuild.js';
import { Reconciler } from '../reconciler.js';

const log = createLogger({ name: 'test', level: 'silent' });
export const server = asMediaServerUrl('ws://media-1/kurento');

/** A controller on a cluster in this process, whose looks are taken by hand. */
export async function memoryController({
  reach = noFailpoint,
  orphanMs = 0,
}: {
  reach?: Failpoint;
  orphanMs?: number;
} = {}) {
  const cluster = await memoryCluster();
  await cluster.registry.beat(cluster.node, 600_000);
  const { rooms, pool, media, registry, inbox, expiries, undo, presence } = cluster;
  const inspector = new MemoryMediaInspector(media);
  const metricsRegistry = createRegistry();
  const metrics = new ControllerMetrics(metricsRegistry);
  const calm = new Calm();
  const grace = { presenterMs: 0, viewerMs: 0 };
  const birth = { name: 'first', ageMs: 3_600_000 };
  const guardian = new Guardian(inspector, metrics, log);
  const servers = () => [server];
  const census = new PipelineCensus({
    inspector,
    servers,
    log,
    onFound: pipeline => void guardian.guard(pipeline),
  });
  const rebuild = new Rebuild({
    ...{ birth: { read: async () => ({ ...birth }) }, rebuildMs: 0, log },
    ...{ rooms, pool, inspector, census, guardian, servers, calm },
  });
  const mending = { rooms, pool, media, inspector, inbox, expiries, undo, grace, presence };
  const patience = { orphanMs, againMs: 0 };
  const reconciler = new Reconciler({
    ...mending,
    ...{ registry, census, guardian, rebuild, calm, patience, metrics, log },
  });
  const lostServers = new Set<MediaServerUrl>();
  const reaper = new NodeReaper({ registry, rooms, expiries, grace, calm, settleMs: 0, reach, log });

  const accepted = async (role: typeof presenter | typeof viewer, attempt: ReturnType<typeof newAttempt>) => {
    const outcome = await role(cluster, attempt, sdpOffer);
    if (outcome.type !== 'accepted') throw outcome.error;
    return { ...attempt, attempt, media: outcome.media };
  };
  return {
    ...{ cluster, inspector, calm, birth, reaper, lostServers },
    look: async () => {
      await census.refresh(performance.now());
      await reconciler.look();
    },
    expire: (expiry: Expiry) =>
      expireSession(
        { ...mending, isLost: server => lostServers.has(server), calm, metrics, reach, log },
        expiry,
      ),
    /** A broadcast with one viewer. */
    broadcast: async (as: Partial<Attempt> = {}) => {
      const first = await accepted(presenter, newAttempt(undefined, as));
      const second = await accepted(viewer, newAttempt(first.room, as));
      return { room: first.room, presenter: first, viewer: second };
    },
    count: async (metric: string, labels: Record<string, string> = {}) => {
      const found = await metricsRegistry.getSingleMetric(metric)?.get();
      const matches = (of: object) =>
        Object.entries(labels).every(([name, value]) => of[name as never] === value);
      return (found?.values ?? [])
        .filter(sample => matches(sample.labels))
        .reduce((sum, sample) => sum + sample.value, 0);
    },
  };
}
