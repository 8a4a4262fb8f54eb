import type { EndpointId, NodeId, RoomName, SessionId, Speech } from '@manycast/protocol';
import type { RoomEvent } from '../domain/event.js';
import type { Grants } from '../domain/grants.js';
import {
  emptyRoom,
  type FormerMedia,
  hasFreeSlot,
  isPlaceFree,
  type LiveRoom,
  type OpenRoom,
  type Room,
  type RoomMedia,
} from '../domain/room.js';
import {
  type Attachment,
  isGraceOver,
  type Role,
  type Session,
  type SessionMedia,
} from '../domain/session.js';
import type { OutboxNote } from '../domain/webhook-event.js';
import type {
  AttachResult,
  ClaimResult,
  DetachedSession,
  EventLog,
  GoLiveResult,
  JoinResult,
  LeaveResult,
  LoseResult,
  MoveStatus,
  RoomStore,
  RoomView,
} from '../ports/room-store.js';
import type { MemoryBars } from './memory-bars.js';
import type { MemoryChats } from './memory-chats.js';
import type { MemoryNodeInbox } from './memory-node-inbox.js';
import type { MemoryRoomEvents } from './memory-room-events.js';
import type { MemoryWebhookOutbox } from './memory-webhook-outbox.js';

type Order<Method extends keyof RoomStore> = Parameters<RoomStore[Method]>[0];

/** Rooms of one process, for fast tests: the same guarantees as the real store, without the network. */
export class MemoryRoomStore implements RoomStore {
  private readonly rooms = new Map<RoomName, Room>();
  private readonly logs = new Map<RoomName, RoomEvent[]>();
  /** Rooms whose presenter has no socket. */
  private readonly away = new Set<RoomName>();

  constructor(
    private readonly events: MemoryRoomEvents,
    private readonly inbox: MemoryNodeInbox,
    private readonly options: {
      claimMs: number;
      now: () => number;
      chats?: MemoryChats;
      bars?: MemoryBars;
      outbox?: MemoryWebhookOutbox;
    },
  ) {}

  async claim(order: Order<'claim'>): Promise<ClaimResult> {
    const room = this.room(order.room);
    const isHolder = room.state !== 'ended' && room.presenter === order.session;
    if (isHolder) {
      if (this.attached(order)?.role !== 'presenter') return { status: 'fenced' };
    } else if (!isPlaceFree(room, this.options.now())) {
      const holder = room.state === 'ended' ? undefined : room.sessions.get(room.presenter);
      return { status: 'presenter-exists', isAbsent: !holder || holder.detachedAtMs !== null };
    } else if (this.isBanned(order)) return { status: 'banned' };
    else if (room.state === 'starting') this.end(order.room, room);

    const generation = Math.max(room.generation + 1, this.options.now());
    const sessions = isHolder ? room.sessions : new Map<SessionId, Session>();
    if (!isHolder) {
      sessions.set(order.session, newSession('presenter', order));
      this.options.chats?.opened(order.room, generation);
    }
    const previous = !isHolder ? null : room.state === 'live' ? room.media : room.previous;
    this.rooms.set(order.room, {
      state: 'starting',
      generation,
      seq: this.room(order.room).seq,
      presenter: order.session,
      sessions,
      claimedUntilMs: this.options.now() + this.options.claimMs,
      previous,
      moving: isHolder ? room.moving : null,
      former: isHolder ? room.former : null,
    });
    if (!isHolder) this.tell(order.room, 'presenter-joined', { session: order.session, ...nameOf(order) });
    return { status: 'claimed', generation, isAnew: isHolder, sessions: sessions.size };
  }

  async goLive(order: Order<'goLive'>): Promise<GoLiveResult> {
    const room = this.room(order.room);
    const session = this.attached(order);
    const holds =
      room.state === 'starting' && room.generation === order.generation && room.presenter === order.session;
    if (room.state === 'ended' || !room.sessions.has(order.session)) return { status: 'unknown' };
    const isDone =
      room.state === 'live' && room.generation === order.generation && room.source === order.endpoint;
    if (isDone && session)
      return { status: 'live', seq: room.seq, previous: null, hasFormer: room.former !== null };
    if (!holds || !session) return { status: 'fenced' };
    const { server, pipeline, endpoint, slots, generation } = order;
    const { seq, presenter, sessions } = room;
    session.media = { generation, server, pipeline, endpoint };
    session.detachedAtMs = null;
    const media = { server, pipeline };
    const moved =
      room.moving !== null && room.previous ? { ...room.previous, generation: room.moving } : null;
    const left = room.former && withoutGeneration(room.former);
    const previous = moved ? left : room.previous;
    this.rooms.set(order.room, {
      state: 'live',
      generation,
      seq,
      presenter,
      sessions,
      media,
      source: endpoint,
      slots,
      seated: new Set([presenter]),
      moving: null,
      former: moved ?? room.former,
    });
    this.away.delete(order.room);
    this.options.chats?.wentLive(order.room);
    const live = this.emit(order.room, 'presenter-live');
    const leaving = room.previous?.server;
    if (leaving && leaving !== server) this.tell(order.room, 'media-moved', { server, former: leaving });
    return { status: 'live', seq: live, previous, hasFormer: (moved ?? room.former) !== null };
  }

  async join(order: Order<'join'>): Promise<JoinResult> {
    const room = this.room(order.room);
    if (room.state === 'ended') return { status: 'no-presenter' };
    const known = room.sessions.get(order.session);
    if (known && (known.epoch !== order.epoch || known.role !== 'viewer')) return { status: 'fenced' };
    if (room.state === 'starting') {
      return { status: room.claimedUntilMs > this.options.now() ? 'starting' : 'no-presenter' };
    }
    if (!room.source) return { status: 'starting' };
    if (order.granted?.generation === room.generation) room.slots = Math.max(room.slots, order.granted.slots);
    const { generation, media, source, slots } = room;
    if (!known && this.isBanned(order)) return { status: 'banned' };
    if (!room.seated.has(order.session)) {
      if (!hasFreeSlot(room)) return { status: 'out-of-slots', generation, slots };
      room.seated.add(order.session);
    }
    if (!known) {
      room.sessions.set(order.session, newSession('viewer', order));
      this.tellViewers(order.room, room);
    }
    return { status: 'joined', generation, ...media, source, seq: room.seq, previous: known?.media ?? null };
  }

  async confirm(order: Order<'confirm'>) {
    const room = this.room(order.room);
    const session = this.attached(order);
    if (room.state !== 'live' || room.generation !== order.media.generation || !session) return 'fenced';
    const hasJoined = !session.media;
    session.media = order.media;
    session.detachedAtMs = null;
    if (hasJoined) this.tellOfViewer(order.room, 'viewer-joined', order.session, session);
    return 'confirmed';
  }

  async leave(order: Attachment): Promise<LeaveResult> {
    const room = this.room(order.room);
    const isUnremembered = room.state !== 'ended' && room.sessions.get(order.session)?.epoch === 0;
    if (isUnremembered || this.attached(order)) return this.remove(order);
    return { status: room.state !== 'ended' && room.sessions.has(order.session) ? 'fenced' : 'unknown' };
  }

  async attach({ room: name, session: id, node, tokenEpoch, seq }: Order<'attach'>): Promise<AttachResult> {
    const room = this.room(name);
    const session = room.state === 'ended' ? undefined : room.sessions.get(id);
    if (!session) return { status: 'unknown' };
    const isEpochKnown = session.epoch > 0;
    if (isEpochKnown && tokenEpoch !== session.epoch && tokenEpoch !== session.epoch - 1)
      return { status: 'bad-token' };
    const { node: formerNode, detachedAtMs } = session;
    session.epoch = Math.max(session.epoch, tokenEpoch) + 1;
    session.node = node;
    session.speech = 'manycast.v1';
    session.detachedAtMs = null;
    this.notePresence(name, session);
    const { epoch, role, media, grants, trace } = session;
    if (detachedAtMs === null)
      this.inbox.send(formerNode, { type: 'superseded', room: name, session: id, epoch });
    const { state, generation } = room;
    const log = await this.eventsAfter(name, seq);
    return {
      status: 'attached',
      epoch,
      role,
      grants,
      ...(trace && { trace }),
      media,
      room: { state, generation, seq: room.seq },
      log,
    };
  }

  async detach(order: Attachment) {
    const session = this.attached(order);
    if (!session) return 'fenced';
    session.detachedAtMs ??= this.options.now();
    this.notePresence(order.room, session);
    return 'detached';
  }

  async hold(order: Attachment) {
    const room = this.room(order.room);
    const session = room.state === 'ended' ? undefined : room.sessions.get(order.session);
    if (!session) return 'unknown';
    if (session.epoch !== order.epoch || session.node !== order.node) return 'fenced';
    session.detachedAtMs = null;
    this.notePresence(order.room, session);
    return 'held';
  }

  async renewToken(order: Order<'renewToken'>) {
    const session = this.attached(order);
    if (!session) return 'fenced';
    session.grants = { ...session.grants, token: order.token };
    return 'renewed';
  }

  async detachNode({ room: name, node }: { room: RoomName; node: NodeId }): Promise<DetachedSession[]> {
    const room = this.room(name);
    if (room.state === 'ended') return [];
    const lost = [...room.sessions].filter(([, session]) => session.node === node);
    for (const [, session] of lost) {
      session.detachedAtMs ??= this.options.now();
      this.notePresence(name, session);
    }
    return lost.map(([session, { epoch, role, speech, media }]) => ({ session, epoch, role, speech, media }));
  }

  async expire({ room: name, session: id, epoch, graceMs }: Order<'expire'>) {
    const room = this.room(name);
    const session = room.state === 'ended' ? undefined : room.sessions.get(id);
    if (!session) return { status: 'unknown' } as const;
    if (session.epoch !== epoch || session.detachedAtMs === null) return { status: 'attached' } as const;
    if (!isGraceOver(session, graceMs, this.options.now())) {
      return { status: 'not-yet', dueInMs: session.detachedAtMs + graceMs - this.options.now() } as const;
    }
    return this.remove({ room: name, session: id });
  }

  async read(name: RoomName): Promise<RoomView> {
    const room = this.rooms.get(name) ?? emptyRoom;
    const { state, generation, seq } = room;
    if (room.state === 'ended')
      return {
        state,
        generation,
        seq,
        presenter: null,
        media: null,
        former: null,
        slots: 0,
        sessions: new Map(),
      };
    const media = room.state === 'live' ? room.media : room.previous;
    return {
      state,
      generation,
      seq,
      presenter: room.presenter,
      media,
      former: room.former,
      slots: room.state === 'live' ? room.slots : 0,
      sessions: structuredClone(room.sessions),
    };
  }

  async session(name: RoomName, id: SessionId): Promise<Session | null> {
    const room = this.room(name);
    const session = room.state === 'ended' ? undefined : room.sessions.get(id);
    return session ? structuredClone(session) : null;
  }

  async lose({ room: name, generation, graceMs }: Order<'lose'>): Promise<LoseResult> {
    const room = this.room(name);
    if (room.state === 'ended') return { status: 'ended' };
    if (room.state === 'live' && room.generation > generation) {
      if (room.former?.generation === generation) room.former = null;
      return { status: 'superseded' };
    }
    const { seq, presenter, sessions } = room;
    const nowMs = this.options.now();
    const isLive = room.state === 'live';
    const next = isLive ? Math.max(generation + 1, nowMs) : room.generation;
    this.rooms.set(name, {
      ...{ state: 'starting', generation: next, seq, presenter, sessions },
      claimedUntilMs: isLive ? nowMs + graceMs : room.claimedUntilMs,
      ...{ previous: null, moving: null, former: null },
    });
    return { status: 'lost', generation: next, media: isLive ? room.media : room.previous };
  }

  async move({ room: name, generation }: Order<'move'>): Promise<MoveStatus> {
    const room = this.room(name);
    if (room.state === 'ended') return 'ended';
    if (room.generation !== generation) return room.state === 'live' ? 'superseded' : 'starting';
    if (room.state === 'starting') return 'starting';
    room.moving = generation;
    return 'moving';
  }

  async leaveFormer({ room: name, generation }: Order<'leaveFormer'>): Promise<RoomMedia | null> {
    const room = this.room(name);
    if (room.state === 'ended' || room.former?.generation !== generation) return null;
    const left = withoutGeneration(room.former);
    room.former = null;
    return left;
  }

  async endAbandoned({ room: name, generation, isOverdue }: Order<'endAbandoned'>) {
    const room = this.room(name);
    if (room.state === 'ended') return { status: 'fenced' } as const;
    const isLate = isOverdue && room.state === 'starting' && room.claimedUntilMs <= this.options.now();
    const isAbandoned = isLate || !room.sessions.has(room.presenter);
    if (!isAbandoned || room.generation !== generation) return { status: 'fenced' } as const;
    this.end(name, room);
    return {
      status: 'ended',
      generation,
      media: room.state === 'live' ? room.media : room.previous,
      ...(room.former && { former: withoutGeneration(room.former) }),
    } as const;
  }

  private isBanned({ room, session, grants }: Attachment & { grants: Grants }): boolean {
    return this.options.bars?.of({ room, session, identity: grants.identity })?.isBanned ?? false;
  }

  /** A presenter that has lost its socket, or has one again, is told of once. */
  private notePresence(name: RoomName, session: Session): void {
    const room = this.room(name);
    if (session.role !== 'presenter' || room.state !== 'live') return;
    const isAway = session.detachedAtMs !== null;
    if (isAway === this.away.has(name)) return;
    if (isAway) this.away.add(name);
    else this.away.delete(name);
    this.emit(name, isAway ? 'presenter-away' : 'presenter-back');
  }

  isPresenterAway(name: RoomName): boolean {
    return this.away.has(name);
  }

  /** Everybody in the room but its presenter. */
  viewers(name: RoomName): number {
    const room = this.room(name);
    if (room.state === 'ended') return 0;
    return room.sessions.size - (room.sessions.has(room.presenter) ? 1 : 0);
  }

  async summary(name: RoomName) {
    const { state, generation, seq } = this.rooms.get(name) ?? emptyRoom;
    return { state, generation, seq };
  }

  async eventsAfter(name: RoomName, seq: number): Promise<EventLog> {
    const events = (this.logs.get(name) ?? []).filter(event => event.seq > seq);
    const first = events[0]?.seq ?? (this.rooms.get(name) ?? emptyRoom).seq + 1;
    return { events, isComplete: seq === 0 || first <= seq + 1 };
  }

  async restore({ room: name, session: id, record, source, seq, slots }: Order<'restore'>) {
    const { media } = record;
    if (!media) return 'fenced';
    const room = this.room(name);
    const isNewer = !this.rooms.has(name) || room.generation < media.generation;
    const isSame =
      room.state === 'live' && room.generation === media.generation && room.media.pipeline === media.pipeline;
    if (!isSame && !(isNewer && room.state !== 'starting')) return 'fenced';
    const known = room.state === 'ended' ? undefined : room.sessions.get(id);
    const isOlder = known && known.epoch === record.epoch && known.node !== record.node;
    if (known && (known.epoch > record.epoch || isOlder)) return 'superseded';

    const restored: LiveRoom = isSame ? room : this.reopened(room, media, slots);
    restored.slots = Math.max(restored.slots, slots);
    if (room.state === 'ended' || seq > room.seq) restored.seq = Math.max(room.seq, seq, this.options.now());
    if (source) restored.source = source;
    if (record.role === 'presenter') restored.presenter = id;
    if (room.state !== 'live') {
      this.options.chats?.opened(name, media.generation);
      this.options.chats?.wentLive(name);
    }
    restored.sessions.set(id, structuredClone(record));
    restored.seated = new Set(restored.sessions.keys());
    this.rooms.set(name, restored);
    if (known && known.epoch < record.epoch && known.node !== record.node)
      this.inbox.send(known.node, { type: 'superseded', room: name, session: id, epoch: record.epoch });
    return 'restored';
  }

  /** As a Redis that lost everything. */
  clear(): void {
    this.rooms.clear();
    this.logs.clear();
    this.options.chats?.clear();
  }

  private room(name: RoomName): Room {
    const now = this.options.now();
    return this.rooms.get(name) ?? { state: 'ended', generation: now, seq: now };
  }

  /** The session, if this attachment is its present one. */
  private attached({
    room: name,
    session: id,
    epoch,
  }: Pick<Attachment, 'room' | 'session' | 'epoch'>): Session | undefined {
    const room = this.room(name);
    const session = room.state === 'ended' ? undefined : room.sessions.get(id);
    return session?.epoch === epoch ? session : undefined;
  }

  /** A broadcast that is put back; with everybody who is there already. */
  private reopened(room: Room, { generation, server, pipeline }: SessionMedia, slots: number): LiveRoom {
    return {
      state: 'live',
      generation,
      seq: room.seq,
      presenter: room.state === 'ended' ? ('' as SessionId) : room.presenter,
      sessions: room.state === 'ended' ? new Map() : room.sessions,
      media: { server, pipeline },
      source: '' as EndpointId,
      slots,
      ...{ seated: new Set(), moving: null, former: null },
    };
  }

  private remove({ room: name, session: id }: { room: RoomName; session: SessionId }): LeaveResult {
    const room = this.room(name);
    if (room.state === 'ended') return { status: 'unknown' };
    const session = room.sessions.get(id);
    if (room.presenter !== id) {
      room.sessions.delete(id);
      if (room.state === 'live') room.seated.delete(id);
      if (session?.media) this.tellOfViewer(name, 'viewer-left', id, session);
      if (session) this.tellViewers(name, room);
      return { status: 'left', media: session?.media ?? null };
    }
    this.end(name, room);
    return {
      status: 'ended',
      generation: room.generation,
      media: room.state === 'live' ? room.media : room.previous,
      ...(room.former && { former: withoutGeneration(room.former) }),
    };
  }

  private end(name: RoomName, { generation, seq }: OpenRoom): void {
    this.rooms.set(name, { state: 'ended', generation, seq });
    this.away.delete(name);
    this.emit(name, 'presenter-left');
    this.options.chats?.ended(name);
  }

  private emit(name: RoomName, type: RoomEvent['type']): number {
    const room = this.room(name);
    room.seq += 1;
    const event = { type, generation: room.generation, seq: room.seq };
    this.logs.set(name, [...(this.logs.get(name) ?? []), event]);
    this.events.publish(name, event);
    this.options.outbox?.append(name, event);
    return event.seq;
  }

  private tell(name: RoomName, type: OutboxNote, fields: object): void {
    this.options.outbox?.append(name, { type, generation: this.room(name).generation, ...fields });
  }

  private tellOfViewer(name: RoomName, type: OutboxNote, session: SessionId, { grants }: Session): void {
    this.tell(name, type, { session, ...nameOf({ grants }) });
  }

  private tellViewers(name: RoomName, { sessions, presenter }: OpenRoom): void {
    this.tell(name, 'viewer-count', { viewers: sessions.size - Number(sessions.has(presenter)) });
  }
}

const withoutGeneration = ({ server, pipeline }: FormerMedia): RoomMedia => ({ server, pipeline });

const nameOf = ({ grants: { identity, name } }: { grants: Grants }) => ({ identity, name });

const newSession = (
  role: Role,
  { node, epoch, speech, grants, trace }: Attachment & { speech: Speech; grants: Grants; trace?: string },
): Session => ({
  role,
  speech,
  grants,
  ...(trace && { trace }),
  node,
  epoch,
  media: null,
  detachedAtMs: null,
});
