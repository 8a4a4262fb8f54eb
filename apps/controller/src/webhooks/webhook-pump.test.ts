import { MemoryWebhookOutbox } from '@manycast/core';
import { RoomName } from '@manycast/protocol';
import { createLogger } from '@manycast/runtime';
import { expect, it } from 'vitest';
import type { ReceiverFile } from './receiver-file.js';
import { WebhookPump } from './webhook-pump.js';

const [a, b] = [RoomName.parse('a'), RoomName.parse('b')];

/** An outbox that goes on telling of its rooms only when it is let, and whose bus may be deaf. */
class HeldOutbox extends MemoryWebhookOutbox {
  isDeaf = false;
  looks = 0;
  release: () => void = () => {};
  onGap: () => void = () => {};
  isHeld = false;

  override async *rooms(): AsyncIterable<RoomName> {
    this.looks += 1;
    if (this.isHeld) {
      await new Promise<void>(resolve => {
        this.release = resolve;
      });
    }
    yield* super.rooms();
  }

  override watch({ onChange, onGap }: Parameters<MemoryWebhookOutbox['watch']>[0]): void {
    this.onGap = onGap;
    super.watch({ onGap, onChange: room => void (this.isDeaf || onChange(room)) });
  }
}

async function stage() {
  let nowMs = 0;
  const outbox = new HeldOutbox(() => nowMs);
  const woken: RoomName[] = [];
  const file = { all: () => [{ id: 'r', events: ['room.*'] }] } as unknown as ReceiverFile;
  const log = createLogger({ name: 'test', level: 'silent' });
  const lanes = { wake: (room: RoomName) => void woken.push(room) };
  const pump = new WebhookPump({ file, demand: outbox, outbox, lanes, sweepMs: 1_000, log });
  await pump.announce();
  const live = (room: RoomName) => outbox.append(room, { type: 'presenter-live', generation: 1 });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { outbox, woken, pump, live, pass };
}

it('wakes the lanes of what waits already, and of what changes', async () => {
  const { outbox, woken, pump, live } = await stage();
  live(a);
  outbox.append(b, { type: 'viewer-left', generation: 1 });
  pump.watch();
  await expect.poll(() => woken).toEqual([a]);
  live(b);
  expect(woken).toEqual([a, b]);
});

it('finds what the bus has lost, at the next look and not more often', async () => {
  const { outbox, woken, pump, live, pass } = await stage();
  pump.watch();
  await pump.look();
  outbox.isDeaf = true;
  live(a);
  await pump.look();
  expect(woken).toEqual([]);
  pass(1_000);
  await pump.look();
  expect(woken).toEqual([a]);
});

it('looks once more when something may have been missed while it looked', async () => {
  const { outbox, pump } = await stage();
  outbox.isHeld = true;
  pump.watch();
  await expect.poll(() => outbox.looks).toBe(1);
  outbox.onGap();
  outbox.isHeld = false;
  outbox.release();
  await expect.poll(() => outbox.looks).toBe(2);
  await pump.look();
  expect(outbox.looks).toBe(3);
});
