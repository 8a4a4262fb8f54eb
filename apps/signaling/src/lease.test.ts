import { MemoryNodeRegistry } from '@manycast/core';
import { asNodeId, RoomName, SignalError } from '@manycast/protocol';
import { createLogger } from '@manycast/runtime';
import { beforeEach, describe, expect, it } from 'vitest';
import { Lease } from './lease.js';

const node = asNodeId('node-1');
let nowMs: number;
let doubted: number;
let answer: () => Promise<void>;
let registry: MemoryNodeRegistry;
let lease: Lease;
beforeEach(() => {
  nowMs = 1_000_000;
  doubted = 0;
  answer = async () => {};
  registry = new MemoryNodeRegistry(() => nowMs);
  lease = new Lease({
    registry,
    node,
    leaseMs: 3_000,
    publicUrl: undefined,
    onDoubted: () => {
      doubted += 1;
      return answer();
    },
    log: createLogger({ name: 'test', level: 'silent' }),
  });
});

describe('[R-OWN-1] a node holds on to its sessions', () => {
  it('after a lease that was over, not after one that was renewed', async () => {
    await lease.beat();
    expect(doubted).toBe(1);
    nowMs += 2_000;
    await lease.beat();
    expect(doubted).toBe(1);
    nowMs += 3_000;
    await lease.beat();
    expect(doubted).toBe(2);
  });

  it('when it was being cleared away just as it came back', async () => {
    await lease.beat();
    nowMs += 3_000;
    await lease.beat();
    await registry.enter(node, RoomName.parse('room'));
    await registry.forget(node);
    await lease.beat();
    expect(doubted).toBe(3);
    expect(await registry.rooms(node)).toHaveLength(1);
    await lease.beat();
    expect(doubted).toBe(3);
  });

  it('after a beat without an answer, which may have renewed it too late', async () => {
    await lease.beat();
    const { beat } = registry;
    registry.beat = async (...args) => {
      await beat.apply(registry, args);
      throw new SignalError('unavailable');
    };
    nowMs += 4_000;
    await lease.beat();
    registry.beat = beat;
    await lease.beat();
    expect(doubted).toBe(2);
  });

  it('tries until it has succeeded', async () => {
    answer = async () => {
      throw new SignalError('unavailable');
    };
    await lease.beat();
    answer = async () => {};
    await lease.beat();
    await lease.beat();
    expect(doubted).toBe(2);
  });
});
