import {
  type AttachResult,
  type ChatSettings,
  type ClaimResult,
  type DetachedSession,
  type EventLog,
  type GoLiveResult,
  type JoinResult,
  type LeaveResult,
  type LoseResult,
  type MoveStatus,
  type RestoreStatus,
  type RoomEvent,
  type RoomMedia,
  type RoomStore,
  type RoomSummary,
  type RoomView,
  type Session,
  usualChat,
} from '@manycast/core';
import {
  asMediaServerUrl,
  asPipelineId,
  asSessionId,
  type RoomName,
  type SessionId,
} from '@manycast/protocol';
import { defineScript, type RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';
import { type RoomKey, roomCall, roomIncludes, roomKeyNames } from './room-keys.js';
import { readTold } from './told-message.js';

type Order<Method extends keyof RoomStore> = Parameters<RoomStore[Method]>[0];
/** Events as they are published. An empty list leaves Lua as an empty object. */
type StoredLog = { events: Record<string, string>; isComplete: boolean };
type WithLog<Result> = Result extends { log: EventLog } ? Omit<Result, 'log'> & { log: StoredLog } : Result;
type Expiry = Awaited<ReturnType<RoomStore['expire']>>;

const script = <Result>(file: string) =>
  defineScript<RoomKey, object, Result>(file, roomKeyNames, roomIncludes);
const claim = script<ClaimResult>('claim.lua');
const goLive = script<GoLiveResult>('go-live.lua');
const join = script<JoinResult>('join.lua');
const confirm = script<{ status: 'confirmed' | 'fenced' }>('confirm.lua');
const leave = script<LeaveResult>('leave.lua');
const attach = script<WithLog<AttachResult>>('attach.lua');
const eventsAfter = script<StoredLog>('events-after.lua');
const detach = script<{ status: 'detached' | 'fenced' }>('detach.lua');
const hold = script<{ status: 'held' | 'fenced' | 'unknown' }>('hold.lua');
const renewToken = script<{ status: 'renewed' | 'fenced' }>('renew-token.lua');
// An empty list leaves Lua as an empty object.
const detachNode = script<{ lost: Record<string, DetachedSession> }>('detach-node.lua');
const expire = script<Expiry>('expire.lua');
const endAbandoned = script<Awaited<ReturnType<RoomStore['endAbandoned']>>>('end-abandoned.lua');
const lose = script<LoseResult>('lose.lua');
const move = script<{ status: MoveStatus }>('move.lua');
const leaveFormer = script<{ status: 'left'; media: RoomMedia } | { status: 'superseded' }>(
  'leave-former.lua',
);
const restore = script<{ status: RestoreStatus }>('restore.lua');

export interface RedisRoomStoreOptions {
  /** How long a claim holds without going live. */
  claimMs: number;
  /** What a room that opens has until it ends. */
  chat?: ChatSettings;
}

/** Rooms in Redis: one Lua script per step. */
export class RedisRoomStore implements RoomStore {
  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
    private readonly options: RedisRoomStoreOptions,
  ) {}

  claim(order: Order<'claim'>): Promise<ClaimResult> {
    const { claimMs } = this.options;
    return claim(this.redis, ...this.call(order.room, { ...order, claimMs, ...this.chatSettings() }));
  }

  goLive(order: Order<'goLive'>): Promise<GoLiveResult> {
    return goLive(this.redis, ...this.call(order.room, order));
  }

  join({ granted, ...order }: Order<'join'>): Promise<JoinResult> {
    const grant = { grantedGeneration: granted?.generation, grantedSlots: granted?.slots };
    return join(this.redis, ...this.call(order.room, { ...order, ...grant }));
  }

  async confirm(order: Order<'confirm'>) {
    return (await confirm(this.redis, ...this.call(order.room, order))).status;
  }

  leave(order: Order<'leave'>): Promise<LeaveResult> {
    return leave(this.redis, ...this.call(order.room, order));
  }

  async attach(order: Order<'attach'>): Promise<AttachResult> {
    const result = await attach(this.redis, ...this.call(order.room, order));
    return result.status === 'attached' ? { ...result, log: readLog(result.log) } : result;
  }

  async detach(order: Order<'detach'>) {
    return (await detach(this.redis, ...this.call(order.room, order))).status;
  }

  async hold(order: Order<'hold'>) {
    return (await hold(this.redis, ...this.call(order.room, order))).status;
  }

  async renewToken(order: Order<'renewToken'>) {
    return (await renewToken(this.redis, ...this.call(order.room, order))).status;
  }

  async detachNode(order: Order<'detachNode'>): Promise<DetachedSession[]> {
    const { lost } = await detachNode(this.redis, ...this.call(order.room, order));
    return Object.values(lost);
  }

  expire(order: Order<'expire'>): Promise<Expiry> {
    return expire(this.redis, ...this.call(order.room, order));
  }

  async restore(order: Order<'restore'>) {
    return (await restore(this.redis, ...this.call(order.room, { ...order, ...this.chatSettings() }))).status;
  }

  lose(order: Order<'lose'>): Promise<LoseResult> {
    return lose(this.redis, ...this.call(order.room, order));
  }

  async move(order: Order<'move'>): Promise<MoveStatus> {
    return (await move(this.redis, ...this.call(order.room, order))).status;
  }

  async leaveFormer(order: Order<'leaveFormer'>): Promise<RoomMedia | null> {
    const result = await leaveFormer(this.redis, ...this.call(order.room, order));
    return result.status === 'left' ? result.media : null;
  }

  async read(room: RoomName): Promise<RoomView> {
    const fields = ['state', 'generation', 'seq', 'presenter', 'server', 'pipeline', 'slots'] as const;
    const formerFields = ['formerGeneration', 'formerServer', 'formerPipeline'] as const;
    const [values, sessions] = await guard(() =>
      Promise.all([
        this.redis.hmget(this.keys.room(room), ...fields, ...formerFields),
        this.redis.hgetall(this.keys.sessions(room)),
      ]),
    );
    const [state, generation, seq, presenter, server, pipeline, slots, ...former] = values;
    const [formerGeneration, formerServer, formerPipeline] = former;
    return {
      state: (state ?? 'ended') as RoomView['state'],
      generation: Number(generation ?? 0),
      seq: Number(seq ?? 0),
      presenter: presenter ? asSessionId(presenter) : null,
      media:
        server && pipeline ? { server: asMediaServerUrl(server), pipeline: asPipelineId(pipeline) } : null,
      former:
        formerServer && formerPipeline
          ? {
              generation: Number(formerGeneration),
              server: asMediaServerUrl(formerServer),
              pipeline: asPipelineId(formerPipeline),
            }
          : null,
      slots: Number(slots ?? 0),
      sessions: new Map(
        Object.entries(sessions).map(([id, json]): [SessionId, Session] => [
          asSessionId(id),
          readSession(json),
        ]),
      ),
    };
  }

  async session(room: RoomName, session: SessionId): Promise<Session | null> {
    const json = await guard(() => this.redis.hget(this.keys.sessions(room), session));
    return json ? readSession(json) : null;
  }

  endAbandoned(order: Order<'endAbandoned'>) {
    return endAbandoned(this.redis, ...this.call(order.room, order));
  }

  async summary(room: RoomName): Promise<RoomSummary> {
    const [state, generation, seq] = await guard(() =>
      this.redis.hmget(this.keys.room(room), 'state', 'generation', 'seq'),
    );
    return {
      state: (state ?? 'ended') as RoomSummary['state'],
      generation: Number(generation ?? 0),
      seq: Number(seq ?? 0),
    };
  }

  async eventsAfter(room: RoomName, seq: number): Promise<EventLog> {
    return readLog(await eventsAfter(this.redis, ...this.call(room, { seq })));
  }

  private chatSettings() {
    const { afterglowMs, transcriptMs, kept } = this.options.chat ?? usualChat;
    return { afterglowMs, transcriptMs, chatKept: kept };
  }

  /** The keys and arguments of a script; a script takes of the arguments what it needs. */
  private call(room: RoomName, args: object): [Record<RoomKey, string>, object] {
    return roomCall(this.keys, room, args);
  }
}

/** `seat` is the scripts' own. */
function readSession(json: string): Session {
  const { seat, ...session } = JSON.parse(json) as Session & { seat?: number };
  return session;
}

const readLog = ({ events, isComplete }: StoredLog): EventLog => ({
  events: Object.values(events)
    .map(json => readTold<RoomEvent>(json))
    .filter(event => event !== undefined),
  isComplete,
});
