import type { RoomName, SessionId } from '@manycast/protocol';
import type { RoomEvent } from '../domain/event.js';
import { emptyRoom, hasFreeSlot, isPlaceFree, type Room } from '../domain/room.js';
import type { ClaimResult, JoinResult, LeaveResult, RoomStore, RoomView } from '../ports/room-store.js';
import type { MemoryRoomEvents } from './memory-room-events.js';

/** Rooms of one process, for fast tests: the same guarantees as the real store, without the network. */
export class MemoryRoomStore implements RoomStore {
  private readonly rooms = new Map<RoomName, Room>();

  constructor(
    private readonly events: MemoryRoomEvents,
    private readonly options: { claimMs: number; now: () => number },
  ) {}

  async claim({ room: name, session, node }: Parameters<RoomStore['claim']>[0]): Promise<ClaimResult> {
    const room = this.room(name);
    if (!isPlaceFree(room, this.options.now())) return { status: 'presenter-exists' };
    const generation = room.generation + 1;
    const claimedUntilMs = this.options.now() + this.options.claimMs;
    this.rooms.set(name, {
      state: 'starting',
      generation,
      seq: room.seq,
      presenter: session,
      node,
      claimedUntilMs,
    });
    return { status: 'claimed', generation };
  }

  async goLive(order: Parameters<RoomStore['goLive']>[0]) {
    const room = this.room(order.room);
    if (
      room.state !== 'starting' ||
      room.generation !== order.generation ||
      room.presenter !== order.session
    ) {
      return 'fenced';
    }
    const { generation, presenter, node } = room;
    const { server, pipeline, slots, endpoint: source } = order;
    const viewers = new Map();
    this.rooms.set(order.room, {
      state: 'live',
      generation,
      seq: room.seq,
      presenter,
      node,
      server,
      pipeline,
      source,
      slots,
      viewers,
    });
    this.emit(order.room, 'presenter-live');
    return 'live';
  }

  async join({ room: name, session, node, granted }: Parameters<RoomStore['join']>[0]): Promise<JoinResult> {
    const room = this.room(name);
    if (room.state === 'ended') return { status: 'no-presenter' };
    if (room.state === 'starting') {
      return { status: room.claimedUntilMs > this.options.now() ? 'starting' : 'no-presenter' };
    }
    if (granted?.generation === room.generation) room.slots = Math.max(room.slots, granted.slots);
    const { generation, server, pipeline, source, slots } = room;
    if (!room.viewers.has(session)) {
      if (!hasFreeSlot(room)) return { status: 'out-of-slots', generation, slots };
      room.viewers.set(session, { node, endpoint: null });
    }
    return { status: 'joined', generation, server, pipeline, source };
  }

  async confirm(order: Parameters<RoomStore['confirm']>[0]) {
    const room = this.room(order.room);
    const viewer =
      room.state === 'live' && room.generation === order.generation && room.viewers.get(order.session);
    if (!viewer) return 'fenced';
    viewer.endpoint = order.endpoint;
    return 'confirmed';
  }

  async leave({ room: name, session }: { room: RoomName; session: SessionId }): Promise<LeaveResult> {
    const room = this.room(name);
    if (room.state === 'ended') return { status: 'unknown' };
    if (room.presenter === session) {
      const { generation, seq } = room;
      this.rooms.set(name, { state: 'ended', generation, seq });
      this.emit(name, 'presenter-left');
      const media = room.state === 'live' ? { server: room.server, pipeline: room.pipeline } : null;
      return { status: 'ended', generation, media };
    }
    const viewer = room.state === 'live' ? room.viewers.get(session) : undefined;
    if (room.state !== 'live' || !viewer) return { status: 'unknown' };
    room.viewers.delete(session);
    return { status: 'left', server: room.server, endpoint: viewer.endpoint };
  }

  async read(name: RoomName): Promise<RoomView> {
    const room = this.room(name);
    return {
      state: room.state,
      generation: room.generation,
      seq: room.seq,
      presenter: room.state === 'ended' ? null : room.presenter,
      server: room.state === 'live' ? room.server : null,
      viewers: room.state === 'live' ? room.viewers.size : 0,
    };
  }

  private room(name: RoomName): Room {
    return this.rooms.get(name) ?? emptyRoom;
  }

  private emit(name: RoomName, type: RoomEvent['type']): void {
    const room = this.room(name);
    room.seq += 1;
    this.events.publish(name, { type, generation: room.generation, seq: room.seq });
  }
}
