import type { ClaimResult, JoinResult, LeaveResult, RoomStore, RoomView } from '@manycast/core';
import { asMediaServerUrl, asSessionId, type RoomName } from '@manycast/protocol';
import { defineScript, type RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';

type RoomKey = 'room' | 'viewers' | 'eventLog';

const lib = ['lib-room.lua'];
const keyNames: readonly RoomKey[] = ['room', 'viewers', 'eventLog'];
const claim = defineScript<RoomKey, object, ClaimResult>('claim.lua', keyNames, lib);
const goLive = defineScript<RoomKey, object, { status: 'live' | 'fenced' }>('go-live.lua', keyNames, lib);
const join = defineScript<RoomKey, object, JoinResult>('join.lua', keyNames, lib);
const confirm = defineScript<RoomKey, object, { status: 'confirmed' | 'fenced' }>(
  'confirm.lua',
  keyNames,
  lib,
);
const leave = defineScript<RoomKey, object, LeaveResult>('leave.lua', keyNames, lib);

/** Rooms in Redis: one Lua script per step. */
export class RedisRoomStore implements RoomStore {
  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
    /** How long a claim holds without going live. */
    private readonly options: { claimMs: number },
  ) {}

  claim({ room, session, node }: Parameters<RoomStore['claim']>[0]): Promise<ClaimResult> {
    return claim(this.redis, this.roomKeys(room), { session, node, claimMs: this.options.claimMs });
  }

  async goLive({ room, ...args }: Parameters<RoomStore['goLive']>[0]) {
    const eventChannel = this.keys.eventChannel(room);
    const { status } = await goLive(this.redis, this.roomKeys(room), { ...args, eventChannel });
    return status;
  }

  join({ room, session, node, granted }: Parameters<RoomStore['join']>[0]): Promise<JoinResult> {
    const grant = { grantedGeneration: granted?.generation, grantedSlots: granted?.slots };
    return join(this.redis, this.roomKeys(room), { session, node, ...grant });
  }

  async confirm({ room, ...args }: Parameters<RoomStore['confirm']>[0]) {
    const { status } = await confirm(this.redis, this.roomKeys(room), args);
    return status;
  }

  leave({ room, session }: Parameters<RoomStore['leave']>[0]): Promise<LeaveResult> {
    return leave(this.redis, this.roomKeys(room), { session, eventChannel: this.keys.eventChannel(room) });
  }

  async read(room: RoomName): Promise<RoomView> {
    const fields = ['state', 'generation', 'seq', 'presenter', 'server'] as const;
    const [values, viewers] = await guard(() =>
      Promise.all([
        this.redis.hmget(this.keys.room(room), ...fields),
        this.redis.hlen(this.keys.viewers(room)),
      ]),
    );
    const [state, generation, seq, presenter, server] = values;
    return {
      state: (state ?? 'ended') as RoomView['state'],
      generation: Number(generation ?? 0),
      seq: Number(seq ?? 0),
      presenter: presenter ? asSessionId(presenter) : null,
      server: server ? asMediaServerUrl(server) : null,
      viewers,
    };
  }

  private roomKeys(room: RoomName): Record<RoomKey, string> {
    return {
      room: this.keys.room(room),
      viewers: this.keys.viewers(room),
      eventLog: this.keys.eventLog(room),
    };
  }
}
