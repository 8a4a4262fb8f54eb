import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Failpoint, noFailpoint, PresenceHerald, ServerWatch, Undo } from '@manycast/core';
import {
  BullExpiryQueue,
  BullRelocationQueue,
  ExpiryWorker,
  RelocationWorker,
  WebhookLanes,
} from '@manycast/jobs';
import { createKurentoMedia } from '@manycast/kurento';
import type { MediaServerUrl } from '@manycast/protocol';
import {
  jobConnections,
  Keys,
  openRedis,
  RedisBirth,
  RedisChatStore,
  RedisDeadLetters,
  RedisDeliveryLog,
  RedisNodeInbox,
  RedisNodeRegistry,
  RedisPoolStore,
  RedisRoomDirectory,
  RedisRoomOptions,
  RedisRoomStore,
  RedisServerRegistry,
  RedisSessionJournal,
  RedisTokenLedger,
  RedisWebhookDemand,
  RedisWebhookOutbox,
} from '@manycast/redis';
import {
  createLogger,
  createRegistry,
  HealthServer,
  type Logger,
  Periodic,
  Readiness,
  runServices,
  type Service,
} from '@manycast/runtime';
import { composeAdmin } from './admin/compose-admin.js';
import { Calm } from './calm.js';
import type { Config } from './config.js';
import { ControllerMetrics } from './controller-metrics.js';
import { DirectoryKeeper } from './directory-keeper.js';
import { DnsDiscovery } from './discovery/dns-discovery.js';
import { lookUpWith } from './discovery/dns-source.js';
import { Registrar } from './discovery/registrar.js';
import { expireSession } from './expire-session.js';
import { Guardian } from './guardian.js';
import { NodeReaper } from './node-reaper.js';
import { PipelineCensus } from './pipeline-census.js';
import { Rebuild } from './rebuild.js';
import { Reconciler } from './reconciler.js';
import { relocateRoom } from './relocation/relocate-room.js';
import { RelocationLook } from './relocation/relocation-look.js';
import { composeWebhooks } from './webhooks/compose-webhooks.js';

/** A node's death is noticed this long after its lease is over, and confirmed by a second look. */
const reapMs = 500;
/** How soon a lost room is taken up, and a draining server's. */
const relocationMs = 200;
/** How often media servers are asked how they are. */
const loadMs = 5_000;
/** How often a media server that could not be asked for its pipelines is asked again. */
const censusMs = 1_000;
/** What is not released by then is found by another controller's look. */
const lastReleasesMs = 2_000;
/** What is kept of webhooks, of each receiver. */
const deadLetters = { kept: 10_000, keepMs: 30 * 86_400_000 };
const deliveryLog = { kept: 1_000, keepMs: 7 * 86_400_000 };

/**
 * The one page of wiring: builds a controller, starts it, and returns how to stop it. `reach` is where a test stops
 * or kills the process.
 */
export async function compose(
  config: Config,
  reach: Failpoint = noFailpoint,
): Promise<{ log: Logger; stop(): Promise<void> }> {
  const log = createLogger({ name: 'controller', level: config.logLevel });
  const metricsRegistry = createRegistry();
  const metrics = new ControllerMetrics(metricsRegistry);

  const redis = openRedis({ url: config.redisUrl, commandTimeoutMs: config.redisTimeoutMs, log });
  const keys = new Keys(config.redisPrefix);
  // Neither claims nor reserves anything itself: the two times are the nodes' affair.
  const demand = new RedisWebhookDemand(redis.commands, keys);
  const rooms = new RedisRoomStore(redis.commands, keys, { claimMs: 0 });
  const pool = new RedisPoolStore(redis.commands, keys, { reservationMs: 0 });
  const mediaServers = new RedisServerRegistry(redis.commands, redis.subscriber, keys);
  const registry = new RedisNodeRegistry(redis.commands, keys);
  const ledger = new RedisTokenLedger(redis.commands, keys);
  const inbox = new RedisNodeInbox(redis.commands, redis.subscriber, keys);
  const journal = new RedisSessionJournal(redis.commands, keys);
  const birth = new RedisBirth(redis.commands, keys);
  const jobs = { redis: jobConnections(config.redisUrl), prefix: keys.jobsPrefix(), log };
  const expiries = new BullExpiryQueue(jobs);
  const relocations = new BullRelocationQueue(jobs);

  const media = createKurentoMedia({
    linksPerServer: config.mediaLinks,
    requestTimeoutMs: config.mediaTimeoutMs,
    canary: { silenceMs: config.mediaSilenceMs },
    isLost: server => watch.isLost(server),
    log,
    registry: metricsRegistry,
  });
  const { inspector } = media;
  const undo = new Undo({
    giveUpAfterMs: 600_000,
    onRetry: (what, error) => {
      metrics.undoRetries.inc({ step: what });
      log.warn({ step: what, code: error.code, cause: error.cause }, 'could not be done yet');
    },
    onGivenUp: (what, error) => log.error({ step: what, code: error.code, cause: error.cause }, 'given up'),
  });

  metrics.watch({
    servers: () => pool.read(),
    jobs: { expiry: () => expiries.counts(), relocation: () => relocations.counts() },
    isRedisReady: redis.isReady,
  });

  const { settleMs, rebuildMs, orphanMs, reconcileMs, mediaBeatMs: beatMs } = config;
  const grace = { presenterMs: config.presenterGraceMs, viewerMs: config.viewerGraceMs };
  const calm = new Calm();
  const capacity = config.mediaServerCapacity;
  redis.onReady(() => {
    calm.disturb(settleMs);
    undo.run('make media servers known', () =>
      mediaServers.add(
        'static',
        // How many endpoints each may have is the nodes' to say.
        config.mediaServers.map(url => ({ url })),
      ),
    );
  });

  const watch = new ServerWatch({
    ...{ observer: `controller ${randomUUID()}`, servers: mediaServers, pool, probe: media.probe, log },
    ...{ beatMs, leaseMs: 3 * beatMs, loadMs, isStoreUp: redis.isReady },
  });
  const servers = () => watch.all().map(({ url }) => url);

  const guardian = new Guardian(inspector, metrics, log);
  const census = new PipelineCensus({
    inspector,
    servers,
    log,
    onFound: pipeline => void guardian.guard(pipeline),
  });
  const rebuild = new Rebuild({
    ...{ birth, rooms, pool, inspector, census, guardian, servers, calm, rebuildMs, log },
  });
  const chat = new RedisChatStore(redis.commands, keys, demand);
  const directory = new RedisRoomDirectory(redis.commands, keys);
  const options = new RedisRoomOptions(redis.commands, keys);
  const presence: PresenceHerald = new PresenceHerald({
    chat,
    onReport: (room, report) => keeper.note(room, report),
  });
  const keeper = new DirectoryKeeper({ directory, closing: { chat, media, pool, undo, presence }, log });
  const mending = { rooms, pool, media, inspector, inbox, expiries, undo, grace, presence };
  const patience = { orphanMs, againMs: Math.min(reconcileMs, orphanMs) / 2 };
  const reconciler = new Reconciler({
    ...mending,
    ...{ registry, census, guardian, rebuild, calm, patience, metrics, log },
  });
  const reaper = new NodeReaper({ registry, rooms, expiries, grace, calm, settleMs, reach, log });
  const relocating = {
    ...{ rooms, pool, media, inbox, undo, presence, metrics, reach, log },
    ...{ presenterGraceMs: config.presenterGraceMs, now: Date.now },
  };
  const relocationLook = new RelocationLook({
    ...{ pool, servers: mediaServers, queue: relocations, known: () => watch.all(), log },
  });
  watch.onServers(list => {
    for (const { url, state, deaths } of list) if (state === 'joining' && deaths > 0) census.recount(url);
  });
  const { registrarPort } = config;
  const byDns = () => watch.all().filter(({ sources }) => sources.includes('dns'));
  const discovery = [
    ...(config.mediaDns.length > 0
      ? [
          new DnsDiscovery({
            ...{ sources: config.mediaDns, lookUp: lookUpWith(config.dnsServers), servers: mediaServers },
            ...{ known: () => byDns().map(({ url }) => url), capacity, leaveMs: config.mediaLeaveMs },
            ...{ everyMs: config.mediaDnsMs, isStoreUp: redis.isReady, log },
          }),
        ]
      : []),
    ...(registrarPort === undefined
      ? []
      : [new Registrar({ host: config.host, port: registrarPort, servers: mediaServers, capacity, log })]),
  ];
  const isLost = (server: MediaServerUrl) => watch.isLost(server);
  const expiring = { ...mending, isLost, calm, metrics, reach, log };

  // An outage that is known is reported once, by the connection.
  const whenRedisIsUp = (work: (signal: AbortSignal) => Promise<void>) => async (signal: AbortSignal) => {
    if (redis.isReady()) await work(signal);
  };

  const webhooks = await composeWebhooks(
    config,
    {
      demand,
      outbox: new RedisWebhookOutbox(redis.commands, redis.subscriber, keys, demand),
      dead: new RedisDeadLetters(redis.commands, keys, deadLetters),
      deliveries: new RedisDeliveryLog(redis.commands, keys, deliveryLog),
      openLanes: (receivers, turn) => new WebhookLanes({ ...jobs, receivers }, turn),
    },
    { registry: metricsRegistry, isRedisReady: redis.isReady, reach, log },
  );
  const admin = await composeAdmin(
    config,
    {
      ...{ ...mending, registry, servers: mediaServers, relocations, ledger, journal },
      ...{ chat, directory, options, webhooks: webhooks.desk },
    },
    log,
  );

  const readiness = new Readiness({
    redis: redis.isReady,
    mediaServer: () => watch.all().some(({ url, state }) => state === 'up' && media.isUp(url)),
  });
  const connections: Service = {
    name: 'connections',
    start: async () => {},
    stop: async () => {
      await Promise.race([undo.settled(), pause(lastReleasesMs, undefined, { ref: false })]);
      await expiries.close();
      await relocations.close();
      await media.close();
      redis.close();
    },
  };
  const running = await runServices(
    [
      connections,
      watch,
      ...discovery,
      new HealthServer({ ...config, readiness, registry: metricsRegistry, log }),
      ...admin,
      // Needs no Redis: what is made during an outage is guarded all the same.
      new Periodic({ name: 'pipeline census', everyMs: censusMs, log }, () =>
        census.refresh(performance.now()),
      ),
      new Periodic(
        { name: 'reconciler', everyMs: reconcileMs, log },
        whenRedisIsUp(signal => reconciler.look(signal)),
      ),
      new Periodic(
        { name: 'directory', everyMs: reconcileMs, log },
        whenRedisIsUp(() => keeper.look(room => presence.touch(room))),
      ),
      new Periodic(
        { name: 'node reaper', everyMs: reapMs, log },
        whenRedisIsUp(() => reaper.look()),
      ),
      ...webhooks.services,
      new Periodic(
        { name: 'relocation look', everyMs: relocationMs, log },
        whenRedisIsUp(() => relocationLook.look()),
      ),
      new RelocationWorker({ ...jobs, concurrency: config.relocations }, job =>
        relocateRoom(relocating, job),
      ),
      new ExpiryWorker(jobs, expiry => expireSession(expiring, expiry)),
    ],
    log,
  );
  return {
    log,
    stop: () => {
      readiness.isDraining = true;
      return running.stop();
    },
  };
}
