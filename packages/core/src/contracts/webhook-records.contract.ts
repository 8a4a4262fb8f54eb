import { RoomName } from '@manycast/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DeadLetter, DeadLetters } from '../ports/dead-letters.js';
import type { Delivery, DeliveryLog } from '../ports/delivery-log.js';

const room = RoomName.parse('a');

/** What every DeadLetters must do. `open` gives an empty one that keeps five of each receiver. */
export function describeDeadLetters(name: string, open: () => Promise<DeadLetters>): void {
  describe(`DeadLetters: ${name}`, () => {
    let dead: DeadLetters;
    beforeEach(async () => {
      dead = await open();
    });
    const letter = (id: string, atMs: number): DeadLetter => ({
      ...{ id, room, atMs, givenUpAtMs: atMs + 5, attempts: 3, reason: 'status 500' },
      told: { type: 'presenter-left', generation: 1, seq: 2 },
    });

    it('keeps them by receiver, in the order in which they happened', async () => {
      const letters = [
        letter('x', 1_700_000_000_003),
        letter('z', 1_700_000_000_001),
        letter('y', 1_700_000_000_001),
      ];
      for (const each of letters) expect(await dead.bury('r', each)).toBe(0);
      await dead.bury('other', letter('x', 1_700_000_000_000));
      const first = await dead.list('r', { limit: 1, after: '' });
      expect(first.letters).toEqual([letters[2]]);
      const second = await dead.list('r', { limit: 1, after: first.next ?? '' });
      expect(second.letters).toEqual([letters[1]]);
      expect(await dead.list('r', { limit: 5, after: second.next ?? '' })).toEqual({
        letters: [letters[0]],
        next: null,
      });
      expect(await dead.list('nobody', { limit: 5, after: 'nonsense' })).toEqual({ letters: [], next: null });
    });

    it('keeps one once', async () => {
      const one = letter('x', 1_700_000_000_000);
      await dead.bury('r', one);
      await dead.bury('r', { ...one, attempts: 4 });
      expect(await dead.count('r')).toBe(1);
      expect(await dead.read('r', 'x')).toMatchObject({ attempts: 4 });
      await dead.remove('r', 'x');
      await dead.remove('r', 'x');
      expect([await dead.count('r'), await dead.read('r', 'x')]).toEqual([0, null]);
    });

    it('drops the oldest beyond the limit, and says how many', async () => {
      for (let i = 0; i < 5; i += 1)
        expect(await dead.bury('r', letter(`id-${i}`, 1_700_000_000_000 + i))).toBe(0);
      expect(await dead.bury('r', letter('new', 1_700_000_000_009))).toBe(1);
      expect([await dead.count('r'), await dead.read('r', 'id-0')]).toEqual([5, null]);
    });
  });
}

/** What every DeliveryLog must do. `open` gives an empty one that keeps about `kept` of each receiver. */
export function describeDeliveryLog(name: string, kept: number, open: () => Promise<DeliveryLog>): void {
  describe(`DeliveryLog: ${name}`, () => {
    const delivery = (attempt: number): Delivery => ({
      ...{ atMs: 1, id: 'x', type: 'room.live', room, attempt, outcome: 'failed' },
      ...{ status: 500, tookMs: 3, reason: 'status 500' },
    });

    it('shows the newest first, page by page, and forgets the oldest', async () => {
      const log = await open();
      for (let i = 1; i <= 3 * kept; i += 1) await log.write('r', delivery(i));
      const first = await log.read('r', { limit: 2, after: '' });
      expect(first.deliveries).toEqual([delivery(3 * kept), delivery(3 * kept - 1)]);
      const second = await log.read('r', { limit: 2, after: first.next ?? '' });
      expect(second.deliveries[0]).toEqual(delivery(3 * kept - 2));
      const whole = await log.read('r', { limit: 10 * kept, after: '' });
      expect(whole.next).toBe(null);
      expect(whole.deliveries.length).toBeLessThan(3 * kept);
      expect(await log.read('nobody', { limit: 2, after: '' })).toEqual({ deliveries: [], next: null });
    });
  });
}
