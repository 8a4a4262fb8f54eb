import { isLevel, type Lane, type OutboxEntry, type WebhookOutbox } from '@manycast/core';
import { RoomName } from '@manycast/protocol';
import { Cluster, type Redis } from 'ioredis';
import { defineScript, type RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';
import type { RedisWebhookDemand } from './redis-webhook-demand.js';

type LaneKey = 'outbox' | 'lanes';
/** An empty list leaves Lua as an empty object. */
type Entries = Record<string, [place: string, fields: string[]]>;

const script = <Result>(file: string) =>
  defineScript<LaneKey, object, Result>(file, ['outbox', 'lanes'], ['lib-lane.lua']);
const take = script<{ failures: number; entries: Entries }>('lane-take.lua');
const advance = script<{ status: 'advanced' | 'fenced' }>('lane-advance.lua');
const fail = script<{ status: 'noted'; failures: number } | { status: 'fenced' }>('lane-fail.lua');
const putBack = script<unknown>('lane-put-back.lua');

/** Keys looked at by one command while the whole store is looked through. */
const scanCount = 1_000;

/** A stream per room beside the room, and a cursor per receiver; there only while something waits. */
export class RedisWebhookOutbox implements WebhookOutbox {
  constructor(
    private readonly redis: RedisClient,
    /** A connection that only subscribes. */
    private readonly subscriber: Redis,
    private readonly keys: Keys,
    private readonly demand: RedisWebhookDemand,
  ) {}

  async take(lane: Lane, turn: string, limit: number) {
    const { failures, entries } = await take(this.redis, ...this.call(lane, { turn, limit }));
    return {
      failures,
      entries: Object.values(entries).map(([place, fields]) => parse(lane.room, place, fields)),
    };
  }

  async advance(lane: Lane, turn: string, place: string) {
    return (await advance(this.redis, ...this.call(lane, { turn, place }))).status;
  }

  async fail(lane: Lane, turn: string) {
    const result = await fail(this.redis, ...this.call(lane, { turn }));
    return result.status === 'noted' ? result.failures : result.status;
  }

  async putBack(lane: Lane, { id, atMs, told }: Pick<OutboxEntry, 'id' | 'atMs' | 'told'>) {
    const entry = { id, atMs, told: JSON.stringify(told) };
    await putBack(this.redis, ...this.call(lane, { ...entry, nudges: this.keys.nudges() }));
  }

  async claimLook(everyMs: number): Promise<boolean> {
    const claimed = await guard(() => this.redis.set(this.keys.sweeper(), '1', 'PX', everyMs, 'NX'));
    return claimed === 'OK';
  }

  /** What is written meanwhile may be left out: its nudge tells of it. */
  async *rooms(): AsyncIterable<RoomName> {
    const masters = this.redis instanceof Cluster ? this.redis.nodes('master') : [this.redis];
    for (const redis of masters) {
      let cursor = '0';
      do {
        const [next, found] = await guard(() =>
          redis.scan(cursor, 'MATCH', this.keys.anyOutbox(), 'COUNT', scanCount),
        );
        yield* found.map(this.keys.roomOfOutbox);
        cursor = next;
      } while (cursor !== '0');
    }
  }

  watch({ onChange, onGap }: Parameters<WebhookOutbox['watch']>[0]): void {
    const { subscriber } = this;
    const channel = this.keys.nudges();
    subscriber.on('message', (name: string, room: string) => {
      const parsed = name === channel ? RoomName.safeParse(room) : undefined;
      if (parsed?.success) onChange(parsed.data);
    });
    // A connection that fails before it has subscribed becomes ready once more.
    const subscribe = () => void subscriber.subscribe(channel).then(onGap, () => {});
    subscriber.on('ready', subscribe);
    if (subscriber.status === 'ready') subscribe();
  }

  private call({ room, receiver }: Lane, args: object): [Record<LaneKey, string>, object] {
    const { receivers } = this.demand;
    return [
      { outbox: this.keys.outbox(room), lanes: this.keys.lanes(room) },
      { ...args, room, receiver, ...(receivers && { receivers: [...new Set([...receivers, receiver])] }) },
    ];
  }
}

function parse(room: RoomName, place: string, flat: string[]): OutboxEntry {
  const fields: Record<string, string> = {};
  for (let i = 0; i < flat.length; i += 2) fields[flat[i] as string] = flat[i + 1] as string;
  const writtenAtMs = Number(place.split('-')[0]);
  const { told = '{}', id = `${room}~${place}`, at = writtenAtMs, only, since } = fields;
  const { v: _version, ...rest } = JSON.parse(told);
  return {
    ...{ place, id, atMs: Number(at), writtenAtMs, told: rest },
    ...(only !== undefined && { only }),
    ...(isLevel(rest.type) && { sinceMs: Number(since ?? at) }),
  };
}
