import { presenter } from '@manycast/core';
import { newAttempt, sdpOffer } from '@manycast/core/contracts';
import { RoomName } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { memoryAdmin, readToken } from '../testing/memory-admin.js';

const id = 'media-1:80';

async function withRoom() {
  const admin = await memoryAdmin();
  await presenter(admin.cluster, newAttempt(RoomName.parse('a')), sdpOffer);
  return admin;
}

describe('[R-KMS-4] the order to drain', () => {
  it('says what it will do, is followed by the server’s own state, and again changes nothing', async () => {
    const { ask, get } = await withRoom();
    const begun = await ask('POST', `/v1/servers/${id}/drain`, { body: { deadlineMs: 60_000 } });
    expect(begun).toMatchObject({
      status: 202,
      body: { roomsToMove: 1, server: { id, state: 'draining', drain: { thenRemove: false } } },
    });
    const { deadline } = begun.body.server.drain;
    expect(Date.parse(deadline) - Date.now()).toBeLessThanOrEqual(60_000);
    const again = await ask('POST', `/v1/servers/${id}/drain`);
    expect(again.body.server.drain.deadline).toBe(deadline);
    expect((await get(`/v1/servers/${id}`)).body).toMatchObject({ state: 'draining', rooms: 1 });

    await ask('POST', '/v1/rooms/a/close');
    await expect.poll(async () => (await get(`/v1/servers/${id}`)).body.state).toBe('drained');
  });

  it('keeps new rooms away until it is taken back', async () => {
    const { ask, cluster } = await withRoom();
    await ask('POST', `/v1/servers/${id}/drain`);
    const refused = await presenter(cluster, newAttempt(), sdpOffer);
    expect(refused).toMatchObject({ type: 'rejected', error: { code: 'pool-full' } });
    for (const _ of [1, 2])
      expect(await ask('POST', `/v1/servers/${id}/undrain`)).toMatchObject({
        ...{ status: 200, body: { state: 'up', drain: null } },
      });
    expect(await presenter(cluster, newAttempt(), sdpOffer)).toMatchObject({ type: 'accepted' });
  });

  it.each([
    [{ deadlineMs: -1 }, 'deadlineMs'],
    [{ deadlineMs: '5' }, 'deadlineMs'],
    [{ deadline: 5 }, 'deadline'],
  ])('with %j is refused by name', async (body, field) => {
    const { ask } = await withRoom();
    expect(await ask('POST', `/v1/servers/${id}/drain`, { body })).toMatchObject({
      ...{ status: 400, body: { code: 'invalid-parameter', field } },
    });
  });

  it('of a server that is not there, or by who may only read, is refused', async () => {
    const { ask } = await withRoom();
    expect(await ask('POST', '/v1/servers/other:80/drain')).toMatchObject({
      ...{ status: 404, body: { code: 'server-unknown' } },
    });
    const refused = await ask('POST', `/v1/servers/${id}/drain`, { token: readToken });
    expect(refused).toMatchObject({ status: 403 });
  });
});

describe('the order to add a server', () => {
  const url = 'ws://media-2:8888/kurento';

  it('makes it known, with capacity and labels, and again changes them', async () => {
    const { ask, get } = await withRoom();
    const added = await ask('POST', '/v1/servers', { body: { url, capacity: 50, labels: { zone: 'eu-1' } } });
    expect(added).toMatchObject({
      ...{ status: 202, body: { id: 'media-2:8888', state: 'joining', capacity: 50, sources: ['admin'] } },
    });
    await ask('POST', '/v1/servers', { body: { url, capacity: 60 } });
    expect((await get('/v1/servers')).body.servers).toMatchObject([
      { id },
      { id: 'media-2:8888', capacity: 60 },
    ]);
  });

  it.each([
    [{ url: 'http://media-2/kurento', capacity: 1 }, 'url'],
    [{ url, capacity: 0 }, 'capacity'],
    [{ url, capacity: 1, labels: { zone: 'a b' } }, 'labels.zone'],
  ])('%j is refused by the name of %s', async (body, field) => {
    const { ask } = await withRoom();
    expect(await ask('POST', '/v1/servers', { body })).toMatchObject({
      ...{ status: 400, body: { code: 'invalid-parameter', field } },
    });
  });
});

describe('the order to remove a server', () => {
  it('drains it first', async () => {
    const { ask } = await withRoom();
    const order = () => ask('POST', `/v1/servers/${id}/remove`, { body: { deadlineMs: 5_000 } });
    expect((await order()).body).toMatchObject({
      outcome: 'draining',
      draining: { roomsToMove: 1, server: { drain: { thenRemove: true } } },
    });
    expect((await order()).status).toBe(202);
  });

  it('that is lost takes it out at once, and again finds it gone', async () => {
    const { ask, get } = await withRoom();
    const order = () => ask('POST', `/v1/servers/${id}/remove`, { body: { isLost: true } });
    expect((await order()).body).toEqual({ outcome: 'removed', draining: null });
    expect((await order()).body).toEqual({ outcome: 'was-gone', draining: null });
    expect((await get('/v1/servers')).body.servers).toEqual([]);
  });
});
