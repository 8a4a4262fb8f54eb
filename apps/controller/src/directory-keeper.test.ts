import { MemoryRoomDirectory, presenter, type RoomCard } from '@manycast/core';
import { memoryCluster, newAttempt, sdpOffer } from '@manycast/core/contracts';
import { RoomName } from '@manycast/protocol';
import { createLogger } from '@manycast/runtime';
import { expect, it } from 'vitest';
import { DirectoryKeeper } from './directory-keeper.js';

const log = createLogger({ name: 'test', level: 'silent' });

async function stage() {
  const closing = await memoryCluster();
  const directory = new MemoryRoomDirectory();
  return { closing, directory, keeper: new DirectoryKeeper({ directory, closing, log }) };
}

const card: RoomCard = {
  ...{ opening: '1000-1', seq: 1, title: null, startedAtMs: 1_000, endsAtMs: null, viewers: 0 },
  ...{ presenterName: null, isPresenterAway: false, isListed: true },
};

it('[R-DIR-1] goes through the whole directory, a part at a time, and from its beginning again', async () => {
  const { directory, keeper } = await stage();
  for (let number = 0; number < 250; number += 1) await directory.put(RoomName.parse(`room-${number}`), card);
  const looks: number[] = [];
  const seen = new Set<string>();
  for (let look = 0; look < 3; look += 1) {
    let count = 0;
    await keeper.look(room => {
      count += 1;
      seen.add(room);
    });
    looks.push(count);
  }
  expect(looks).toEqual([200, 50, 200]);
  expect(seen.size).toBe(250);
});

it('takes out a room that is over', async () => {
  const { directory, keeper } = await stage();
  const room = RoomName.parse('ghost');
  await directory.put(room, card);
  await keeper.note(room, { status: 'ended', opening: card.opening });
  expect((await directory.list({ limit: 5 })).rooms).toEqual([]);
});

it('[R-LIFE-2] closes a room that has lasted for as long as it may, once', async () => {
  const { closing, keeper } = await stage();
  const attempt = newAttempt();
  await presenter(closing, attempt, sdpOffer);
  const { room } = attempt;
  await keeper.note(room, { status: 'same', card: { ...card, endsAtMs: Date.now() + 60_000 } });
  expect((await closing.rooms.summary(room)).state).toBe('live');
  for (let time = 0; time < 2; time += 1)
    await keeper.note(room, { status: 'same', card: { ...card, endsAtMs: Date.now() - 1 } });
  expect((await closing.rooms.summary(room)).state).toBe('ended');
  const entries = (await closing.chat.read({ room, limit: 10 }))?.entries;
  expect(entries?.map(({ type }) => type)).toEqual(['closed', 'ended']);
  await closing.undo.settled();
  expect(closing.media.pipelines.size).toBe(0);
});
