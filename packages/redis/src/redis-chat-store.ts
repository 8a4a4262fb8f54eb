import type {
  ChatEntry,
  ChatPage,
  ChatReadOrder,
  ChatStore,
  ChatSummary,
  LeaveResult,
  ModerateResult,
  PresenceReport,
  RosterPage,
  SayResult,
  Session,
} from '@manycast/core';
import { asSessionId, type ErrorCode, type RoomName } from '@manycast/protocol';
import { defineScript, type RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';
import type { RedisWebhookDemand } from './redis-webhook-demand.js';
import { type RoomKey, roomCall, roomIncludes, roomKeyNames } from './room-keys.js';
import { SayTogether } from './say-together.js';

// An empty list leaves Lua as an empty object.
type Page = Omit<ChatPage, 'entries'> & { entries: Record<string, string> };

/** How long a mute or a ban is remembered after the last one in its room. */
const barsMs = 30 * 86_400_000;

const script = <Result>(file: string) =>
  defineScript<RoomKey, object, Result>(file, roomKeyNames, roomIncludes);
const state = script<(ChatSummary & { status: 'state' }) | { status: 'unknown' }>('chat-state.lua');
const moderate = script<
  { status: 'done'; ended: Record<string, LeaveResult> } | { status: 'refused'; code: ErrorCode }
>('moderate.lua');
const presence = script<PresenceReport>('presence.lua');
const read = script<(Page & { status: 'page' }) | { status: 'unknown' }>('chat-read.lua');

/** Chats in Redis: a list for each log. */
export class RedisChatStore implements ChatStore {
  private readonly sayings: SayTogether;

  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
    /** What the receivers of webhooks want to be told; without it nothing. */
    private readonly demand?: Pick<RedisWebhookDemand, 'wanted'>,
  ) {
    this.sayings = new SayTogether(redis, keys);
  }

  say(order: Parameters<ChatStore['say']>[0]): Promise<SayResult> {
    return this.sayings.say(order);
  }

  async state(room: RoomName): Promise<ChatSummary | null> {
    const result = await state(this.redis, ...roomCall(this.keys, room, {}));
    if (result.status === 'unknown') return null;
    const { status: _, ...summary } = result;
    return summary;
  }

  async read({ room, ...order }: ChatReadOrder): Promise<ChatPage | null> {
    const result = await read(this.redis, ...roomCall(this.keys, room, order));
    if (result.status === 'unknown') return null;
    const { epoch, first, last, entries } = result;
    return { epoch, first, last, entries: Object.values(entries).map(json => JSON.parse(json) as ChatEntry) };
  }

  async openings(room: RoomName): Promise<{ epoch: string; endedAtMs: number }[]> {
    const key = `${this.keys.chat(room)}:openings`;
    const flat = await guard(() => this.redis.zrevrange(key, 0, 99, 'WITHSCORES'));
    const openings: { epoch: string; endedAtMs: number }[] = [];
    for (let at = 0; at + 1 < flat.length; at += 2)
      openings.push({ epoch: flat[at] as string, endedAtMs: Number(flat[at + 1]) });
    return openings;
  }

  async moderate({ room, by, ...order }: Parameters<ChatStore['moderate']>[0]): Promise<ModerateResult> {
    const wanted = this.demand?.wanted;
    const args = {
      ...order,
      ...{ room, by: by?.session ?? null, epoch: by?.epoch ?? 0, barsMs },
      ...(wanted && { wanted, nudges: this.keys.nudges() }),
    };
    const result = await moderate(this.redis, ...roomCall(this.keys, room, args));
    if (result.status === 'refused') return result;
    return { status: 'done', ended: Object.values(result.ended) };
  }

  tellPresence(room: RoomName, pauseMs: number): Promise<PresenceReport> {
    return presence(this.redis, ...roomCall(this.keys, room, { pauseMs }));
  }

  async roster({ room, after, limit }: Parameters<ChatStore['roster']>[0]): Promise<RosterPage> {
    const { keys, redis } = this;
    return guard(async () => {
      const [cursor, flat] = await redis.hscan(keys.sessions(room), after ?? '0', 'COUNT', limit);
      const found: [string, Session][] = [];
      for (let at = 0; at + 1 < flat.length; at += 2)
        found.push([flat[at] as string, JSON.parse(flat[at + 1] as string)]);
      const subjects = found.map(([id, { grants }]) => subjectOf(id, grants?.identity ?? null));
      const bars = subjects.length > 0 ? await redis.hmget(keys.barred(room), ...subjects) : [];
      const nowMs = Date.now();
      const members = found.map(([id, { role, grants, detachedAtMs }], at) => {
        const bar = JSON.parse(bars[at] ?? '{}') as { mutedUntilMs?: number };
        return {
          session: asSessionId(id),
          ...{ role, name: grants?.name ?? null, isModerator: grants?.isModerator ?? false },
          ...{ isAway: detachedAtMs !== null, isMuted: (bar.mutedUntilMs ?? 0) > nowMs },
        };
      });
      return { members, next: cursor === '0' ? null : cursor };
    });
  }
}

/** As lib-bars.lua has it. */
const subjectOf = (session: string, identity: string | null): string =>
  identity === null ? `session:${session}` : `identity:${identity}`;
