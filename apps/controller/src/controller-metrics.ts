import type { PoolServer, RoomView } from '@manycast/core';
import { Counter, Gauge, type Registry } from '@manycast/runtime';

/** What is asked at the moment of a scrape; each may fail, and is then left out. */
export interface ClusterSources {
  servers(): Promise<PoolServer[]>;
  /** Jobs by state, one entry per queue. */
  jobs: Record<string, () => Promise<Record<string, number>>>;
  isRedisReady(): boolean;
}

/** A scrape waits for no source longer than this: what is away then is missing, and an alert says so. */
const sourceMs = 1_000;

/** Of a media server, as the pool judges it. */
const serverStates = ['joining', 'up', 'suspect', 'down', 'quarantined', 'draining', 'drained'];

/** What a controller counts. No room or session is ever a label. */
export class ControllerMetrics {
  readonly nodes: Gauge<'state'>;
  readonly rooms: Gauge<'state'>;
  readonly serverSessions: Gauge<'server'>;
  readonly expiries: Counter<'outcome'>;
  readonly failovers: Counter<'cause' | 'outcome'>;
  readonly repairs: Counter<'kind'>;
  readonly looks: Counter<'outcome'>;
  readonly guardedPipelines: Gauge;
  readonly undoRetries: Counter<'step'>;
  /** A server without a session has 0 of them, which is not the same as being unknown. */
  private readonly serversSeen = new Set<string>();

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    this.nodes = new Gauge({
      name: 'manycast_nodes',
      help: 'Signaling nodes by the state of their lease (live or expired)',
      labelNames: ['state'],
      registers,
    });
    this.rooms = new Gauge({
      name: 'manycast_rooms',
      help: 'Rooms of the whole cluster by state, as of the last look',
      labelNames: ['state'],
      registers,
    });
    this.serverSessions = new Gauge({
      name: 'manycast_pool_server_sessions',
      help: 'Sessions that have an endpoint on the media server, as of the last look',
      labelNames: ['server'],
      registers,
    });
    this.expiries = new Counter({
      name: 'manycast_expiries_total',
      help: 'Sessions without a socket looked at when they were due, by what became of them',
      labelNames: ['outcome'],
      registers,
    });
    this.failovers = new Counter({
      name: 'manycast_failovers_total',
      help: 'Broadcasts moved away from a lost or draining media server or by order, by cause and step (placed, rebuilt, moved, ended)',
      labelNames: ['cause', 'outcome'],
      registers,
    });
    this.repairs = new Counter({
      name: 'manycast_reconcile_repairs_total',
      help: 'Differences between Redis and the media servers that were put right; none while nothing dies',
      labelNames: ['kind'],
      registers,
    });
    this.looks = new Counter({
      name: 'manycast_reconcile_looks_total',
      help: 'Comparisons of Redis with the media servers, by outcome (done, failed)',
      labelNames: ['outcome'],
      registers,
    });
    this.guardedPipelines = new Gauge({
      name: 'manycast_guarded_pipelines',
      help: 'Pipelines this controller holds a reference on',
      registers,
    });
    this.undoRetries = new Counter({
      name: 'manycast_undo_retries_total',
      help: 'Releases that had to be tried again',
      labelNames: ['step'],
      registers,
    });
    for (const outcome of ['done', 'failed']) this.looks.inc({ outcome }, 0);
  }

  /** The rooms as a whole look has found them. */
  seen(views: Iterable<RoomView>): void {
    const rooms = new Map([
      ['starting', 0],
      ['live', 0],
    ]);
    const sessions = new Map<string, number>([...this.serversSeen].map(server => [server, 0]));
    for (const view of views) {
      if (rooms.has(view.state)) rooms.set(view.state, (rooms.get(view.state) ?? 0) + 1);
      for (const { media } of view.sessions.values())
        if (media) sessions.set(media.server, (sessions.get(media.server) ?? 0) + 1);
    }
    for (const [state, count] of rooms) this.rooms.set({ state }, count);
    for (const [server, count] of sessions) {
      this.serversSeen.add(server);
      this.serverSessions.set({ server }, count);
    }
  }

  /** What the store is asked for when a scrape comes. */
  watch({ servers, jobs, isRedisReady }: ClusterSources): void {
    const registers = [this.registry];
    const ofServers = (name: string, help: string, read: (server: PoolServer) => number) =>
      new Gauge({
        name: `manycast_pool_server_${name}`,
        help,
        labelNames: ['server'],
        registers,
        async collect() {
          const found = await inTime(servers());
          this.reset();
          for (const server of found ?? []) this.set({ server: server.url }, read(server));
        },
      });
    ofServers('capacity_endpoints', 'Endpoints that the media server may have', ({ capacity }) => capacity);
    ofServers(
      'reserved_endpoints',
      'Endpoints of the media server that are promised to rooms',
      ({ reserved }) => reserved,
    );
    new Gauge({
      name: 'manycast_pool_server_state',
      help: '1 for the state that the media server is in, 0 for the others',
      labelNames: ['server', 'state'],
      registers,
      async collect() {
        const found = await inTime(servers());
        this.reset();
        for (const { url: server, ...each } of found ?? [])
          for (const state of serverStates) this.set({ server, state }, Number(each.state === state));
      },
    });
    new Gauge({
      name: 'manycast_jobs',
      help: 'Jobs by queue and state: waiting, active, delayed until they are due, failed',
      labelNames: ['queue', 'state'],
      registers,
      async collect() {
        const counts = await Promise.all(
          Object.entries(jobs).map(async ([queue, read]) => [queue, await inTime(read())] as const),
        );
        this.reset();
        for (const [queue, states] of counts)
          for (const [state, count] of Object.entries(states ?? {})) this.set({ queue, state }, count);
      },
    });
    new Gauge({
      name: 'manycast_redis_up',
      help: '1 while Redis answers this process, else 0',
      registers,
      collect() {
        this.set(Number(isRedisReady()));
      },
    });
  }
}

/** Undefined when it fails or takes too long. */
async function inTime<T>(asked: Promise<T>): Promise<T | undefined> {
  const late = new Promise<undefined>(resolve => setTimeout(() => resolve(undefined), sourceMs).unref());
  return Promise.race([asked.catch(() => undefined), late]);
}
