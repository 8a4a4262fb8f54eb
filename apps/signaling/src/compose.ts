import {
  Authorizer,
  type Cluster,
  type Failpoint,
  listRoom,
  noFailpoint,
  PresenceHerald,
  ResumeTokens,
  ServedRooms,
  ServerWatch,
  Undo,
  usualSwitchover,
} from '@manycast/core';
import { BullExpiryQueue } from '@manycast/jobs';
import { createKurentoMedia } from '@manycast/kurento';
import { RoomPattern } from '@manycast/protocol';
import {
  jobConnections,
  Keys,
  openRedis,
  RedisBirth,
  RedisChatStore,
  RedisNodeInbox,
  RedisNodeRegistry,
  RedisPoolStore,
  RedisPresentingRooms,
  RedisRoomDirectory,
  RedisRoomEvents,
  RedisRoomFeed,
  RedisRoomStore,
  RedisServerRegistry,
  RedisSessionJournal,
  RedisSharedRate,
  RedisTokenLedger,
  RedisWebhookDemand,
  RelayMetrics,
  RelayProbe,
} from '@manycast/redis';
import {
  createLogger,
  createRegistry,
  HealthServer,
  type Logger,
  noTracing,
  observeCalls,
  openTracing,
  Periodic,
  Readiness,
  type Registry,
  runServices,
  type Service,
} from '@manycast/runtime';
import type { Config } from './config.js';
import { iceRoute } from './ice-route.js';
import { IceServers } from './ice-servers.js';
import { openJoinTokens } from './join-tokens/open-join-tokens.js';
import { Lease } from './lease.js';
import { capConnections } from './limits/connection-cap.js';
import { createLimits } from './limits/limits.js';
import { PresenterRooms } from './limits/presenter-rooms.js';
import { NodeMetrics } from './node-metrics.js';
import { Origins } from './origins.js';
import { createPages } from './pages.js';
import { reaffirmAll } from './reaffirmation.js';
import { Restoration } from './restoration.js';
import { TokenWatch } from './token-watch.js';
import { WsServer } from './ws-server.js';

/** A reservation outlives the slowest claim, so that a presenter who goes live late still has its server. */
const reservationMs = (config: Config): number => 2 * config.claimMs;

const everyRoom = RoomPattern.parse('*');
/** How often a node measures what a message to another takes. */
const probeMs = 1_000;

/** How long a stopping node tries to say what it still has to say. */
const lastWordsMs = 2_000;

/** How soon a node keeps what a new receiver of webhooks wants. */
const demandMs = 2_000;

/**
 * The one page of wiring: builds a node, starts it, and returns how to stop it. `reach` is where a test stops or
 * kills the process.
 */
export async function compose(
  config: Config,
  reach: Failpoint = noFailpoint,
): Promise<{ log: Logger; stop(): Promise<void> }> {
  const { nodeId: node } = config;
  const log = createLogger({ name: 'signaling', level: config.logLevel }).child({ node });
  const metricsRegistry = createRegistry();
  const metrics = new NodeMetrics(metricsRegistry);

  const redis = openRedis({ url: config.redisUrl, commandTimeoutMs: config.redisTimeoutMs, log });
  const keys = new Keys(config.redisPrefix);
  const observed = <T extends object>(store: T): T => observeCalls(store, metrics.redisCall);
  const relay = new RelayMetrics(metricsRegistry);
  const pool = observed(new RedisPoolStore(redis.commands, keys, { reservationMs: reservationMs(config) }));
  const demand = new RedisWebhookDemand(redis.commands, keys);
  const rooms = observed(
    new RedisRoomStore(redis.commands, keys, {
      claimMs: config.claimMs,
      chat: {
        afterglowMs: config.chatAfterglowMs,
        transcriptMs: config.chatTranscriptMs,
        kept: config.chatKept,
      },
    }),
  );
  const chat = observed(new RedisChatStore(redis.commands, keys, demand));
  const feed = new RedisRoomFeed(redis.subscriber, keys, chat);
  const servers = new RedisServerRegistry(redis.commands, redis.subscriber, keys);
  const directory = new RedisRoomDirectory(redis.commands, keys);
  const presence = new PresenceHerald({
    chat,
    onReport: (room, report) => listRoom(directory, room, report, false),
  });
  const nodes = new RedisNodeRegistry(redis.commands, keys);
  const inbox = new RedisNodeInbox(redis.commands, redis.subscriber, keys, relay);
  const events = new RedisRoomEvents(redis.subscriber, keys, rooms, relay);
  const probe = new RelayProbe(redis.commands, redis.subscriber, keys, relay);
  const expiries = new BullExpiryQueue({
    redis: jobConnections(config.redisUrl),
    prefix: keys.jobsPrefix(),
    log,
  });
  const media = createKurentoMedia({
    linksPerServer: config.mediaLinks,
    requestTimeoutMs: config.mediaTimeoutMs,
    canary: { silenceMs: config.mediaSilenceMs },
    isLost: server => watch.isLost(server),
    log,
    registry: metricsRegistry,
  });
  const undo = new Undo({
    giveUpAfterMs: 600_000,
    onRetry: (what, error) => {
      metrics.undoRetries.inc({ step: what });
      log.warn({ step: what, code: error.code, cause: error.cause }, 'could not be done yet');
    },
    onGivenUp: (what, error) => log.error({ step: what, code: error.code, cause: error.cause }, 'given up'),
  });
  const join = openJoinTokens(config, log);
  const ledger = new RedisTokenLedger(redis.commands, keys);
  const openRooms = config.open ? [everyRoom] : config.openRooms;
  const authorizer = new Authorizer({ tokens: join.tokens, ledger, openRooms, now: Date.now });
  if (config.open)
    log.warn('THIS NODE IS OPEN: whoever reaches it may present and watch in every room (MANYCAST_OPEN)');
  const served = new ServedRooms(node, nodes, events, (room, error) =>
    log.debug({ room, err: error }, 'room not left'),
  );
  const losses = new Restoration({ served, undo, connections: () => ws.connections(), log });
  const journal = new RedisSessionJournal(redis.commands, keys);
  const cluster: Cluster = {
    node,
    authorizer,
    losses,
    rooms,
    chat,
    feed,
    presence,
    pool,
    served,
    media,
    expiries,
    undo,
    journal,
    presenterWaitMs: config.presenterWaitMs,
    placement: { require: config.mediaRequire, prefer: config.mediaPrefer },
    poolFullRetryMs: 5_000,
    isPoolUp: () => watch.isPoolUp,
    grace: { presenterMs: config.presenterGraceMs, viewerMs: config.viewerGraceMs },
    switchover: usualSwitchover,
    reach,
  };

  const watch = new ServerWatch({
    ...{ observer: `node ${node}`, servers, pool, probe: media.probe, log },
    ...{ beatMs: config.mediaBeatMs, leaseMs: 3 * config.mediaBeatMs, isStoreUp: redis.isReady },
  });
  const readiness = new Readiness({
    redis: redis.isReady,
    mediaServer: () => watch.all().some(({ url, state }) => state === 'up' && media.isUp(url)),
  });
  const { host, port } = config;
  const rate = new RedisSharedRate(redis.commands, keys, {
    what: 'joins',
    max: config.maxJoinsPerAddress,
    windowS: 10,
  });
  const presenting = new RedisPresentingRooms(redis.commands, keys);
  const brakes = createLimits(config, { rate, rooms: presenting, metrics, log });
  metrics.watch({
    ...config,
    servedRooms: () => served.size,
    resumes: brakes.resumes,
    isRedisReady: redis.isReady,
    isDraining: () => readiness.isDraining,
  });
  const origins = new Origins(config.origins);
  const iceServers = new IceServers(config);
  const otherwise = createPages({
    ...config,
    directory: (config.directory ?? config.open) ? directory : undefined,
    ice: iceRoute({ iceServers, authorizer, brakes, origins }),
    brakes,
  });
  const { handshakeTimeoutMs, metricsPort, tlsCertFile, tlsKeyFile } = config;
  const healthBy = (registry?: Registry) => ({ host, readiness, registry, log });
  const scraped =
    metricsPort === undefined ? [] : [new HealthServer({ ...healthBy(metricsRegistry), port: metricsPort })];
  const http = new HealthServer({
    ...healthBy(metricsPort === undefined ? metricsRegistry : undefined),
    ...{ port, otherwise, handshakeTimeoutMs },
    tls: tlsCertFile && tlsKeyFile ? { certFile: tlsCertFile, keyFile: tlsKeyFile } : undefined,
    onHandshakeTimeout: () => brakes.count('handshake-time'),
  });
  capConnections(http.server, {
    // A page has its socket, and asks for files besides.
    max: 2 * config.maxSocketsPerAddress,
    trustedProxies: config.trustedProxies,
    onRefused: () => brakes.count('connections-per-address'),
  });
  const lease = new Lease({
    ...config,
    registry: nodes,
    node,
    publicUrl: config.publicUrl,
    onDoubted: async () => {
      await lookForLoss();
      await reaffirmAll({ served, connections: () => ws.connections() });
    },
    log,
  });
  const nodeAddresses = () => lease.addresses;
  const tokens = new ResumeTokens(config.tokenSecret);
  const tracing = config.otlpUrl
    ? await openTracing({ url: config.otlpUrl, app: 'signaling', log })
    : noTracing;
  const ws = new WsServer({
    ...config,
    tracing,
    http: http.server,
    readiness,
    cluster,
    tokens,
    nodeAddresses,
    brakes,
    origins,
    iceServers,
    metrics,
    log,
  });

  const tokenWatch = new TokenWatch({ ledger, connections: () => ws.connections(), log });

  const presenterRooms = new PresenterRooms(() => ws.connections(), log);

  const capacity = config.mediaServerCapacity;
  const birth = new RedisBirth(redis.commands, keys);
  const lookForLoss = () => birth.onLoss(() => losses.run());
  redis.onReady(() => {
    undo.run('make media servers known', () =>
      servers.add(
        'static',
        config.mediaServers.map(url => ({ url, capacity })),
      ),
    );
    undo.run('look after lost data', lookForLoss);
    void lease.beat();
    demand.refresh().catch(() => {});
  });
  void inbox.open(node, message => ws.hear(message));

  let isRunning = false;
  const connections: Service = {
    name: 'connections',
    start: async () => {},
    stop: async () => {
      // A start that failed has nothing to take back. Of a node that is cut off, controllers take care by its lease.
      if (isRunning) await within(lastWordsMs, undo.settled());
      await within(lastWordsMs, journal.flush());
      await tracing.stop();
      await expiries.close();
      await media.close();
      redis.close();
    },
  };
  const probing = new Periodic({ name: 'relay probe', everyMs: probeMs, log }, async () => {
    if (redis.isReady()) await probe.send();
  });
  const demandRefresh = new Periodic({ name: 'webhook demand', everyMs: demandMs, log }, async () => {
    if (redis.isReady()) await demand.refresh();
  });
  const running = await runServices(
    [
      ...[
        connections,
        brakes.overload,
        watch,
        ...join.services,
        demandRefresh,
        lease,
        probing,
        ...scraped,
        http,
        ws,
      ],
      ...(join.tokens ? [tokenWatch, presenterRooms] : []),
    ],
    log,
  );
  isRunning = true;
  return { log, stop: () => running.stop() };
}

const within = (ms: number, work: Promise<void>): Promise<unknown> =>
  Promise.race([work, new Promise(resolve => setTimeout(resolve, ms))]);
