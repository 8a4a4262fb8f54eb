import { setTimeout as pause } from 'node:timers/promises';
import { asSessionId, RoomName } from '@manycast/protocol';
import { Redis } from 'ioredis';
import { liveObjects } from '../ownership/live-objects.js';
import { Cluster } from '../support/cluster.js';
import { openStores } from '../support/cluster-stores.js';
import type { SignalingNode } from '../support/signaling-node.js';
import { TutorialPage } from '../support/tutorial-page.js';
import { WireClient } from '../support/wire-client.js';
import { audienceProblems } from './audience.js';
import { MediaFaults } from './media-faults.js';
import { Participant } from './participant.js';
import type { Random } from './random.js';

export interface WorldOptions {
  nodes: number;
  mediaServers: number;
  rooms: number;
  /** Nodes that carry out what a superseded attachment asks for: the rules must be seen to break. */
  isUnfenced: boolean;
  /** Media servers are to fail, too: that is noticed soon then, and not only when it is certain. */
  hasMediaFaults: boolean;
}

/** A tutorial page with the room it is in. */
export interface Guest {
  page: TutorialPage;
  room: string;
  role: 'presenter' | 'viewer';
  node: string;
  /** It was accepted. */
  isIn: boolean;
}

/** For a client that moves, and for a node to act on what it read. */
const hangMs = 3_000;
const heedMs = 300;
const graceMs = 6_000;
const collectorPeriodMs = 4_000;
/** A machine that is busy with all of this lets every process stand still for a while. */
const silence = { MANYCAST_MEDIA_SILENCE_MS: '2500' };
const grace = { MANYCAST_PRESENTER_GRACE_MS: String(graceMs), MANYCAST_VIEWER_GRACE_MS: String(graceMs) };

/** The cluster, everybody in it, and what has been seen of broken rules. */
export class World {
  readonly violations = new Set<string>();
  readonly participants: Participant[] = [];
  readonly guests: Guest[] = [];
  readonly rooms: string[];
  /** Nodes that stand still, or are on their way out. */
  readonly busy = new Set<SignalingNode>();
  readonly #underWay = new Set<Promise<unknown>>();
  isRedisAway = false;
  /** When a page left that could tell nobody: its media server misses it when ICE consent expires (RFC 7675: 30 s). */
  lastSilentLeaveAt = Number.NEGATIVE_INFINITY;
  /** What may be done to the media servers. */
  readonly media: MediaFaults;
  #losses = 0;
  #names = 0;
  /** Who presented which broadcast. */
  readonly #broadcasts = new Map<string, Participant>();

  private constructor(
    readonly cluster: Cluster,
    readonly stores: Awaited<ReturnType<typeof openStores>>,
    readonly random: Random,
    readonly options: WorldOptions,
  ) {
    this.media = new MediaFaults(cluster, stores, collectorPeriodMs);
    this.rooms = Array.from({ length: options.rooms }, (_, index) => `chaos-${index + 1}`);
  }

  static async start(random: Random, options: WorldOptions): Promise<World> {
    const common = { ...grace, ...(options.hasMediaFaults && silence) };
    const cluster = await Cluster.start({
      nodes: 0,
      mediaServers: options.mediaServers,
      controllers: 2,
      collectorPeriodMs,
      isPublic: true,
      env: { ...common, MANYCAST_DRAIN_MS: '3000', MANYCAST_LOG_LEVEL: 'info' },
      controllerEnv: {
        ...common,
        MANYCAST_LOG_LEVEL: 'info',
        MANYCAST_RECONCILE_MS: '1000',
        MANYCAST_ORPHAN_MS: '8000',
      },
    });
    const world = new World(cluster, await openStores(cluster.redis.url), random, options);
    await Promise.all(Array.from({ length: options.nodes }, () => world.addNode()));
    return world;
  }

  /** At the address of one that died, if one is named; under a name of its own. */
  async addNode(port?: number): Promise<void> {
    const nodeId = `node-${++this.#names}`;
    const faults = this.options.isUnfenced ? ['without-fence'] : undefined;
    await this.cluster.addNode({}, '/livez', { nodeId, faults, ...(port && { port }) });
  }

  /** Goes on while the next operation begins. What becomes of it is for the rules to say. */
  inBackground(work: Promise<unknown>): void {
    const guarded = work.catch(() => undefined).finally(() => this.#underWay.delete(guarded));
    this.#underWay.add(guarded);
  }

  /** From now on pages may be gone of which nobody has heard yet. */
  noteSilence(): void {
    if (this.guests.length > 0) this.lastSilentLeaveAt = performance.now();
  }

  /** Everything that was broken is whole again. */
  async untilWhole(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  get running(): SignalingNode[] {
    return this.cluster.nodes.filter(node => !this.busy.has(node));
  }

  join(role: 'presenter' | 'viewer', room: string): Participant {
    const participant = new Participant({
      name: `${role} ${++this.#names}`,
      role,
      room,
      addresses: this.cluster.nodes.map(({ httpUrl }) => httpUrl),
      random: this.random.next,
      losses: () => this.#losses,
      onViolation: text => this.violations.add(text),
      onBroadcast: (presenter, generation) => this.#noteBroadcast(presenter, generation),
    });
    this.participants.push(participant);
    return participant;
  }

  /** An unmodified page of the tutorial, on a node that answers. */
  async joinAsGuest(role: 'presenter' | 'viewer', room: string): Promise<void> {
    const node = this.random.pick(this.running);
    if (!node) return;
    const page = new TutorialPage(await WireClient.open(node.wsUrl('/one2many')));
    const guest = { page, room, role, node: node.nodeId ?? '', isIn: false };
    this.guests.push(guest);
    try {
      const { response } = await (role === 'presenter' ? page.present(room) : page.watch(room));
      guest.isIn = response === 'accepted';
    } finally {
      if (!guest.isIn) this.removeGuest(guest);
    }
  }

  removeGuest(guest: Guest): void {
    if (!guest.page.wire.isOpen) this.lastSilentLeaveAt = performance.now();
    // A candidate may still be on its way to it.
    guest.page.close().catch(() => undefined);
    const index = this.guests.indexOf(guest);
    if (index >= 0) this.guests.splice(index, 1);
  }

  /**
   * It moves to another socket, and the former one still asks for the end of its session: R-OWN-1 says that nothing
   * comes of that. `during`: what hides the move from the former one's node, and what shows it again.
   */
  async hang(who: Participant, during: { begin(): Promise<void> | void; end(): void }): Promise<void> {
    const room = RoomName.parse(who.order.room);
    const [losses, id] = [this.#losses, who.session.id];
    const { generation } = await this.stores.rooms.summary(room);
    await during.begin();
    const hasAsked = await who.hang(hangMs);
    during.end();
    if (!hasAsked) return;
    await pause(heedMs);
    // In this order: a broadcast that ends in between takes its sessions along.
    const stored = await this.stores.rooms.session(room, asSessionId(id ?? ''));
    const { state, generation: now } = await this.stores.rooms.summary(room);
    const isOtherwiseGone =
      who.hasLeft ||
      who.session.state !== 'connected' ||
      who.session.id !== id ||
      this.#losses !== losses ||
      (who.order.role === 'viewer' && (state === 'ended' || now !== generation));
    if (!stored && !isOtherwiseGone)
      this.violations.add(`R-OWN-1: ${who.name} was ended by what its former socket said`);
  }

  async cutRedis(...types: ('normal' | 'pubsub')[]): Promise<void> {
    const redis = new Redis(this.cluster.redis.url);
    for (const type of types) await redis.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
    redis.disconnect();
  }

  /** It comes back empty. */
  async restartRedis(awayMs: number): Promise<void> {
    this.isRedisAway = true;
    await this.cluster.redis.kill();
    this.#losses += 1;
    await new Promise(resolve => setTimeout(resolve, awayMs));
    await this.cluster.redis.start();
    this.isRedisAway = false;
  }

  /** Who is in, in a few words. */
  census(): string {
    const inside = this.participants.filter(({ isIn }) => isIn);
    const presenters = inside.filter(({ order }) => order.role === 'presenter').length;
    return `${presenters} presenters, ${inside.length - presenters} viewers and ${this.guests.length} tutorial pages in ${this.rooms.length} rooms`;
  }

  /** What is wrong now; nothing of it may be 30 s after the last fault. */
  async problems(): Promise<string[]> {
    const found: string[] = [];
    for (const room of this.rooms) found.push(...(await this.#problemsOf(room)));
    const { sessions, endpoints } = await liveObjects(this.cluster, this.stores, this.rooms);
    const [known, existing] = [new Set(sessions), new Set(endpoints)];
    for (const object of existing) if (!known.has(object)) found.push(`R-OWN-6: orphaned: ${object}`);
    for (const object of known) if (!existing.has(object)) found.push(`R-OWN-6: missing: ${object}`);
    const reserved = (await this.stores.pool.reservations()).map(({ room }) => room as string);
    for (const room of reserved) {
      const { state } = await this.stores.rooms.read(RoomName.parse(room));
      if (state === 'ended') found.push(`R-KMS-5: ${room} has ended and still holds its reservation`);
    }
    found.push(...(await audienceProblems(this)));
    return found;
  }

  async #problemsOf(name: string): Promise<string[]> {
    const found: string[] = [];
    const view = await this.stores.rooms.read(RoomName.parse(name));
    const here = this.participants.filter(({ order, isIn }) => order.room === name && isIn);
    const guests = this.guests.filter(({ room, isIn, page }) => room === name && isIn && isThere(page));
    const presenters = [
      ...here.filter(({ order }) => order.role === 'presenter').map(participant => participant.name),
      ...guests.filter(({ role }) => role === 'presenter').map(() => `a tutorial page in ${name}`),
    ];
    if (presenters.length > 1) found.push(`R-ROOM-1: ${presenters.join(' and ')} both present`);
    for (const { name: who, session } of here) {
      const stored = [...view.sessions].find(([id]) => id === session.id)?.[1];
      if (session.state !== 'connected') found.push(`R-OWN-2: ${who} is ${session.state}`);
      else if (!stored) found.push(`R-OWN-3: ${who} (${session.id}) is there, and its session is not`);
      else if (stored.detachedAtMs !== null || stored.node !== session.node)
        found.push(`R-OWN-1: ${who} is on ${session.node}, its session ${placeOf(stored)}`);
    }
    const own = new Set(here.map(({ session }) => session.id));
    const others = [...view.sessions].filter(([id]) => !own.has(id));
    if (others.length !== guests.length)
      found.push(
        `R-OWN-3: ${name} has ${others.length} sessions besides those of the SDK, and ${guests.length} tutorial pages (${guests.map(describe).join(', ')}): ${others.map(([id, session]) => `${session.role} ${id} ${placeOf(session)}`).join(', ')}`,
      );
    return found;
  }

  #noteBroadcast(presenter: Participant, generation: number): void {
    const { room } = presenter.order;
    const key = `${room} ${generation} ${this.#losses}`;
    const other = this.#broadcasts.get(key);
    if (other && other !== presenter)
      this.violations.add(
        `R-ROOM-1: broadcast ${generation} is that of ${other.name} and of ${presenter.name}`,
      );
    this.#broadcasts.set(key, presenter);
  }

  async stop(): Promise<void> {
    for (const participant of this.participants) participant.vanish();
    for (const guest of [...this.guests]) this.removeGuest(guest);
    this.stores.close();
    await this.cluster.stop();
  }
}

const describe = ({ page, role, node }: Guest): string => {
  const heard = page.wire.ids.filter(id => id !== 'iceCandidate').join(' ');
  const heardMs = Math.round(performance.now() - (page.peer?.lastReceivedAt ?? 0));
  return `${role} of ${node}, socket ${page.wire.isOpen ? 'open' : 'closed'}, peer ${page.peer?.state}, media ${heardMs} ms ago, heard ${heard}`;
};

/** With a socket or without: as long as its media is connected, and it was not told that it is over. */
const isThere = ({ peer, wire }: TutorialPage): boolean =>
  peer !== undefined &&
  (wire.isOpen || peer.state === 'connected') &&
  !wire.received.some(({ id, code }) => id === 'error' && code === 'media-gone');

const placeOf = ({ node, detachedAtMs }: { node: string; detachedAtMs: number | null }): string =>
  detachedAtMs === null ? `on ${node}` : `detached from ${node}`;
