import { randomUUID } from 'node:crypto';
import type { HealthRules } from '@manycast/core';
import {
  describeChatStore,
  describeNodeRegistry,
  describePoolStore,
  describePresentingRooms,
  describeRoomDirectory,
  describeRoomStore,
  describeServerRegistry,
  describeTokenLedger,
} from '@manycast/core/contracts';
import { createLogger } from '@manycast/runtime';
import { afterAll, beforeAll } from 'vitest';
import { Keys } from '../keys.js';
import { openRedis } from '../open-redis.js';
import { RedisChatStore } from '../redis-chat-store.js';
import { RedisNodeInbox } from '../redis-node-inbox.js';
import { RedisNodeRegistry } from '../redis-node-registry.js';
import { RedisPoolStore } from '../redis-pool-store.js';
import { RedisPresentingRooms } from '../redis-presenting-rooms.js';
import { RedisRoomDirectory } from '../redis-room-directory.js';
import { RedisRoomEvents } from '../redis-room-events.js';
import { RedisRoomFeed } from '../redis-room-feed.js';
import { RedisRoomStore } from '../redis-room-store.js';
import { RedisServerRegistry } from '../redis-server-registry.js';
import { RedisTokenLedger } from '../redis-token-ledger.js';

interface AnyRedis {
  readonly url: string;
  stop(): Promise<unknown>;
}

const log = createLogger({ name: 'test', level: 'silent' });
const chatSettings = { afterglowMs: 300, transcriptMs: 60_000, kept: 20 };
const claimMs = 200;

/** A Redis for the cases of a file, and nodes that use it. */
export class RedisStage<Server extends AnyRedis> {
  #server: Server | undefined;
  readonly #opened: { close(): void }[] = [];

  constructor(start: () => Promise<Server>) {
    beforeAll(async () => {
      this.#server = await start();
    }, 60_000);
    afterAll(async () => {
      for (const redis of this.#opened) redis.close();
      await this.#server?.stop();
    });
  }

  get server(): Server {
    if (!this.#server) throw new Error('the Redis runs only while cases do');
    return this.#server;
  }

  /** What one node has: its own connections to the same Redis. */
  async openNode(prefix = 'test', claimsLastMs = claimMs) {
    const redis = openRedis({ url: this.server.url, commandTimeoutMs: 2_000, log });
    this.#opened.push(redis);
    await redis.whenReady(5_000);
    const keys = new Keys(prefix);
    const rooms = new RedisRoomStore(redis.commands, keys, { claimMs: claimsLastMs, chat: chatSettings });
    const chat = new RedisChatStore(redis.commands, keys);
    return {
      redis,
      rooms,
      chat,
      feed: new RedisRoomFeed(redis.subscriber, keys, chat),
      pool: new RedisPoolStore(redis.commands, keys, { reservationMs: 200 }),
      servers: (rules?: HealthRules) =>
        new RedisServerRegistry(redis.commands, redis.subscriber, keys, rules),
      events: new RedisRoomEvents(redis.subscriber, keys, rooms),
      inbox: new RedisNodeInbox(redis.commands, redis.subscriber, keys),
      registry: new RedisNodeRegistry(redis.commands, keys),
    };
  }

  /** Every contract of a store. Each of their rooms is in a slot of its own: of a cluster they are on every shard. */
  describeStores(name: string): void {
    describeRoomStore(`${name}, changed on one node and heard on another`, async () => {
      const [writer, reader] = [await this.openNode(), await this.openNode()];
      const { rooms } = writer;
      return { rooms, events: reader.events, inbox: reader.inbox, claimMs, close: async () => {} };
    });

    describeChatStore(`${name}, said on one node and heard on another`, async () => {
      const [writer, reader] = [await this.openNode(), await this.openNode()];
      const { rooms, chat } = writer;
      return { rooms, chat, feed: reader.feed, ...chatSettings, close: async () => {} };
    });

    describeRoomDirectory(name, async () => {
      const { redis } = await this.openNode();
      return new RedisRoomDirectory(redis.commands, new Keys(randomUUID()));
    });

    describeNodeRegistry(name, async () => (await this.openNode(randomUUID())).registry);

    describePresentingRooms(name, async () => {
      const { redis } = await this.openNode();
      return new RedisPresentingRooms(redis.commands, new Keys(randomUUID()));
    });

    describeTokenLedger(name, async () => {
      const { redis } = await this.openNode();
      return new RedisTokenLedger(redis.commands, new Keys(randomUUID()));
    });

    describePoolStore(name, async () => {
      const { pool, servers } = await this.openNode(randomUUID());
      return { pool, servers: servers(), reservationMs: 200 };
    });

    describeServerRegistry(name, async rules => {
      const { pool, servers } = await this.openNode(randomUUID());
      return { pool, servers: servers(rules) };
    });
  }
}
