import { presenter } from '@manycast/core';
import { bringUp, newAttempt, sdpOffer } from '@manycast/core/contracts';
import { asMediaServerUrl, RoomName, type Speech } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { memoryAdmin } from '../testing/memory-admin.js';

const other = asMediaServerUrl('ws://media-2/kurento');

async function withRoom(speech: Speech = 'manycast.v1') {
  const admin = await memoryAdmin();
  await presenter(admin.cluster, newAttempt(RoomName.parse('a'), { speech }), sdpOffer);
  await bringUp(admin.cluster.servers, [{ url: other, capacity: 10 }]);
  const move = (body?: object) => admin.ask('POST', '/v1/rooms/a/move', body && { body });
  return { ...admin, move };
}

describe('the order to move a room', () => {
  it('is put into the queue, for whichever server the pool chooses', async () => {
    const { move, moves } = await withRoom();
    expect(await move()).toMatchObject({
      ...{ status: 202, body: { room: 'a', outcome: 'moving', from: 'media-1:80', to: null } },
    });
    expect(moves).toMatchObject([{ room: 'a', cause: 'order', from: 'ws://media-1/kurento' }]);
    expect(moves[0]).not.toHaveProperty('deadlineMs');
  });

  it('to a certain server names it, and says so when the room is there already', async () => {
    const { move, moves } = await withRoom();
    expect((await move({ to: 'media-2:80', waitMs: 5_000 })).body).toMatchObject({ to: 'media-2:80' });
    expect(moves).toMatchObject([{ to: other, deadlineMs: expect.any(Number) }]);
    expect((await move({ to: 'media-1:80' })).body).toMatchObject({ outcome: 'is-there' });
    expect(moves).toHaveLength(1);
  });

  it.each([
    ['to a server that nobody knows', { to: 'media-9:80' }, 404, 'server-unknown'],
    ['to something that is none', { to: 5 }, 400, 'invalid-parameter'],
  ])('%s is refused', async (_what, body, status, code) => {
    const { move } = await withRoom();
    expect(await move(body)).toMatchObject({ status, body: { code } });
  });

  it('to a server that takes no rooms is refused', async () => {
    const { move, ask } = await withRoom();
    await ask('POST', '/v1/servers/media-2:80/drain');
    expect(await move({ to: 'media-2:80' })).toMatchObject({
      ...{ status: 409, body: { code: 'server-not-up', field: 'to' } },
    });
  });

  it('is refused when there is nothing that could move', async () => {
    const { ask } = await withRoom();
    expect(await ask('POST', '/v1/rooms/b/move')).toMatchObject({
      ...{ status: 409, body: { code: 'room-not-live' } },
    });
    const pages = await withRoom('tutorial');
    expect(await pages.move()).toMatchObject({ status: 409, body: { code: 'room-cannot-move' } });
  });
});
