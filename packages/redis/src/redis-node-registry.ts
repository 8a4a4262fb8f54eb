import type { NodeRegistry } from '@manycast/core';
import { asNodeId, type NodeId, type RoomName } from '@manycast/protocol';
import { defineScript, type RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';

type NodeKey = 'leases' | 'doubted' | 'addresses' | 'served';

const keyNames: readonly NodeKey[] = ['leases', 'doubted', 'addresses', 'served'];
const beat = defineScript<NodeKey, object, { status: 'renewed' | 'begun' }>('node-beat.lua', keyNames);
const enter = defineScript<NodeKey, object, object>('node-enter.lua', keyNames);
const forget = defineScript<NodeKey, object, object>('node-forget.lua', keyNames);
const list = defineScript<NodeKey, object, { live: object; expired: object; addresses: object }>(
  'node-list.lua',
  keyNames,
);

/** Longer than any lease: the first beat replaces it. */
const firstLeaseMs = 10_000;

/** Leases by the clock of Redis, so that no node's own clock matters. */
export class RedisNodeRegistry implements NodeRegistry {
  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
  ) {}

  async beat(node: NodeId, leaseMs: number, address?: string): Promise<'renewed' | 'begun'> {
    return (await beat(this.redis, this.nodeKeys(node), { node, leaseMs, address })).status;
  }

  async enter(node: NodeId, room: RoomName): Promise<void> {
    await enter(this.redis, this.nodeKeys(node), { node, room, firstLeaseMs });
  }

  async exit(node: NodeId, room: RoomName): Promise<void> {
    await guard(() => this.redis.srem(this.keys.served(node), room));
  }

  async live(): Promise<NodeId[]> {
    return Object.values((await this.list()).live).map(asNodeId);
  }

  async addresses(): Promise<string[]> {
    return Object.values((await this.list()).addresses);
  }

  async expired(): Promise<NodeId[]> {
    return Object.values((await this.list()).expired).map(asNodeId);
  }

  async rooms(node: NodeId): Promise<RoomName[]> {
    return (await guard(() => this.redis.smembers(this.keys.served(node)))) as RoomName[];
  }

  async forget(node: NodeId): Promise<void> {
    await forget(this.redis, this.nodeKeys(node), { node });
  }

  private list() {
    return list(this.redis, this.nodeKeys(asNodeId('')), {});
  }

  private nodeKeys(node: NodeId): Record<NodeKey, string> {
    const { keys } = this;
    return {
      leases: keys.leases(),
      doubted: keys.doubted(),
      addresses: keys.addresses(),
      served: keys.served(node),
    };
  }
}
