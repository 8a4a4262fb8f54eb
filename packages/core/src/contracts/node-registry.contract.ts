import { randomUUID } from 'node:crypto';
import { asNodeId, RoomName } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import type { NodeRegistry } from '../ports/node-registry.js';

/** What every NodeRegistry must do. */
export function describeNodeRegistry(name: string, open: () => Promise<NodeRegistry>): void {
  describe(`NodeRegistry: ${name}`, () => {
    const room = RoomName.parse('room');
    const newNode = () => asNodeId(`node-${randomUUID()}`);

    it('tells living nodes from those whose lease is over', async () => {
      const registry = await open();
      const [living, dead] = [newNode(), newNode()];
      await registry.beat(living, 60_000);
      await registry.beat(dead, 20);
      await expect.poll(() => registry.expired()).toEqual([dead]);
      expect(await registry.live()).toEqual([living]);
    });

    it('tells where the living nodes are that clients reach by themselves', async () => {
      const registry = await open();
      const [known, silent, dead] = [newNode(), newNode(), newNode()];
      await registry.beat(known, 60_000, 'http://known');
      await registry.beat(known, 60_000, 'http://known');
      await registry.beat(silent, 60_000);
      await registry.beat(dead, 1, 'http://dead');
      await expect.poll(() => registry.addresses()).toEqual(['http://known']);
    });

    it('knows the rooms of a dead node until they are cleared', async () => {
      const registry = await open();
      const node = newNode();
      const other = RoomName.parse('other');
      await registry.enter(node, room);
      await registry.enter(node, room);
      await registry.enter(node, other);
      await registry.exit(node, other);
      await registry.beat(node, 1);
      await expect.poll(() => registry.expired()).toEqual([node]);
      expect(await registry.rooms(node)).toEqual([room]);
      await registry.forget(node);
      expect(await registry.expired()).toEqual([]);
      expect(await registry.rooms(node)).toEqual([]);
    });

    it('gives a first lease to a node that serves a room before it could renew one', async () => {
      const registry = await open();
      const node = newNode();
      await registry.enter(node, room);
      expect(await registry.live()).toContain(node);
      await registry.beat(node, 1);
      await registry.enter(node, room);
      await expect.poll(() => registry.expired()).toEqual([node]);
    });

    it('does not forget a node that came back meanwhile, and tells it that it was taken for dead', async () => {
      const registry = await open();
      const node = newNode();
      await registry.enter(node, room);
      expect(await registry.beat(node, 60_000)).toBe('begun');
      expect(await registry.beat(node, 60_000)).toBe('renewed');
      await registry.forget(node);
      expect(await registry.rooms(node)).toEqual([room]);
      expect(await registry.beat(node, 1)).toBe('begun');
      await expect.poll(() => registry.expired()).toEqual([node]);
      expect(await registry.beat(node, 60_000)).toBe('begun');
      expect(await registry.beat(node, 60_000)).toBe('renewed');
    });
  });
}
