import { type DeadLetter, presenter, viewer } from '@manycast/core';
import { newAttempt, sdpOffer } from '@manycast/core/contracts';
import { RoomName } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { memoryAdmin, readToken } from '../testing/memory-admin.js';

async function liveRoom(name: string) {
  const admin = await memoryAdmin();
  const first = newAttempt(RoomName.parse(name));
  const second = newAttempt(first.room);
  await presenter(admin.cluster, first, sdpOffer);
  await viewer(admin.cluster, second, sdpOffer);
  return { ...admin, presenter: first, viewer: second };
}

describe('nodes', () => {
  it('are shown with the state of their lease', async () => {
    const { get, cluster } = await liveRoom('a');
    await cluster.registry.beat('node-2' as typeof cluster.node, -1);
    expect((await get('/v1/nodes')).body.nodes).toEqual([
      { id: 'node-1', state: 'live', rooms: 1 },
      { id: 'node-2', state: 'expired', rooms: 0 },
    ]);
  });
});

describe('media servers', () => {
  it('are shown with what is promised on them', async () => {
    const { get } = await liveRoom('a');
    const { body } = await get('/v1/servers');
    expect(body.servers).toMatchObject([
      { id: 'media-1:80', url: 'ws://media-1/kurento', capacity: 100, rooms: 1 },
    ]);
    expect((await get('/v1/servers/media-1:80')).body).toEqual(body.servers[0]);
    expect(await get('/v1/servers/other:80')).toMatchObject({
      status: 404,
      body: { code: 'server-unknown' },
    });
  });
});

describe('rooms', () => {
  it('are listed page by page', async () => {
    const { get, cluster } = await memoryAdmin();
    for (const name of ['c', 'a', 'b']) await presenter(cluster, newAttempt(RoomName.parse(name)), sdpOffer);
    const first = (await get('/v1/rooms?limit=2')).body;
    expect(first).toMatchObject({ rooms: [{ name: 'a', state: 'live' }, { name: 'b' }], next: 'b' });
    expect((await get(`/v1/rooms?limit=2&after=${first.next}`)).body).toMatchObject({
      rooms: [{ name: 'c' }],
      next: null,
    });
    for (const limit of ['0', '501', 'many'])
      expect(await get(`/v1/rooms?limit=${limit}`)).toMatchObject({ status: 400, body: { field: 'limit' } });
  });

  it('show who is in them and where', async () => {
    const { get, presenter } = await liveRoom('a');
    expect((await get('/v1/rooms/a')).body).toMatchObject({
      name: 'a',
      state: 'live',
      generation: expect.any(Number),
      presenter: presenter.session,
      server: 'ws://media-1/kurento',
      sessions: { joining: 0, present: 2, detached: 0 },
    });
    expect(await get('/v1/rooms/b')).toMatchObject({ status: 404, body: { code: 'room-unknown' } });
    expect(await get('/v1/rooms/.b')).toMatchObject({ status: 400, body: { field: 'room' } });
  });
});

describe('the order to close a room', () => {
  it('ends it for everybody, and again changes nothing', async () => {
    const { ask, get, cluster } = await liveRoom('a');
    expect(await ask('POST', '/v1/rooms/a/close')).toMatchObject({
      status: 200,
      body: { room: 'a', outcome: 'closed' },
    });
    expect((await ask('POST', '/v1/rooms/a/close')).body).toEqual({ room: 'a', outcome: 'was-ended' });
    await cluster.undo.settled();
    expect((await get('/v1/rooms')).body.rooms).toEqual([]);
    expect((await get('/v1/rooms/a')).body).toMatchObject({ state: 'ended', presenter: null });
    expect(cluster.media.pipelines.size).toBe(0);
  });
});

describe('the order to kick a session', () => {
  it('ends that session alone, and again changes nothing', async () => {
    const { ask, get, viewer } = await liveRoom('a');
    const path = `/v1/sessions/${viewer.session}/kick`;
    expect((await ask('POST', path)).body).toEqual({
      ...{ session: viewer.session, room: 'a', outcome: 'kicked' },
    });
    expect((await ask('POST', path)).body).toMatchObject({ room: null, outcome: 'was-gone' });
    expect((await get('/v1/rooms/a')).body).toMatchObject({
      ...{ state: 'live', sessions: { present: 1 } },
    });
  });

  it('needs a token that may write', async () => {
    const { ask, viewer } = await liveRoom('a');
    const refused = await ask('POST', `/v1/sessions/${viewer.session}/kick`, { token: readToken });
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });
});

describe('a session', () => {
  it('is found in whatever room it is', async () => {
    const { get, viewer } = await liveRoom('a');
    const expected = { id: viewer.session, room: 'a', role: 'viewer', state: 'present', node: 'node-1' };
    expect((await get(`/v1/sessions/${viewer.session}`)).body).toMatchObject(expected);
    expect((await get(`/v1/sessions/${viewer.session}?room=a`)).body).toMatchObject(expected);
    expect((await get(`/v1/rooms/a/sessions?limit=5`)).body.sessions).toHaveLength(2);
  });

  it('that is not there is unknown', async () => {
    const { get, viewer } = await liveRoom('a');
    const problem = { status: 404, body: { code: 'session-unknown' } };
    expect(await get('/v1/sessions/nobody')).toMatchObject(problem);
    expect(await get(`/v1/sessions/${viewer.session}?room=b`)).toMatchObject(problem);
  });
});

describe('a revocation', () => {
  it('is known to every node, and may come twice', async () => {
    const { ask, cluster } = await memoryAdmin();
    const of = { token: 'ticket-7' };
    for (let times = 0; times < 2; times += 1)
      expect(await ask('POST', '/v1/revocations', { body: { of } })).toMatchObject({
        status: 201,
        body: { of },
      });
    await ask('POST', '/v1/revocations', {
      body: { of: { identity: 'mallory' }, until: '2030-01-01T00:00:00Z' },
    });
    const revoked = await cluster.ledger.revokedSince(0);
    expect(revoked.map(each => each.of)).toEqual([of, of, { identity: 'mallory' }]);
  });

  it.each([[{}], [{ of: {} }], [{ of: { token: '' } }], [{ of: { token: 'a' }, until: 'soon' }]])(
    'of %j is refused',
    async body => {
      const { ask } = await memoryAdmin();
      expect(await ask('POST', '/v1/revocations', { body })).toMatchObject({
        status: 400,
        body: { code: 'invalid-parameter' },
      });
    },
  );
});

describe('webhooks', () => {
  const letter = (id: string, atMs: number): DeadLetter => ({
    ...{ id, room: RoomName.parse('a'), atMs, givenUpAtMs: atMs + 1, attempts: 3, reason: 'status 500' },
    told: { type: 'viewer-count', generation: 1, viewers: 5 },
  });

  it('show who is told, and none of what is secret', async () => {
    const { get } = await memoryAdmin();
    const { body } = await get('/v1/webhooks');
    expect(body.receivers).toEqual([
      {
        ...{ id: 'billing', origin: 'https://billing.example', events: ['*'], deadLetters: 0 },
        lanes: { waiting: 0, active: 1, delayed: 2 },
      },
    ]);
    expect(JSON.stringify(body)).not.toMatch(/secret/);
    const unknown = { status: 404, body: { code: 'receiver-unknown' } };
    expect(await get('/v1/webhooks/nobody/deliveries')).toMatchObject(unknown);
    expect(await get('/v1/webhooks/nobody/dead-letters')).toMatchObject(unknown);
  });

  it('show their last attempts', async () => {
    const { get, webhooks } = await memoryAdmin();
    const attempt = { id: 'a~1', type: 'room.live', room: RoomName.parse('a'), attempt: 1, tookMs: 4 };
    const failed = { outcome: 'failed', status: null, reason: 'no answer in time' } as const;
    await webhooks.deliveries.write('billing', { atMs: 1_700_000_000_000, ...attempt, ...failed });
    expect((await get('/v1/webhooks/billing/deliveries')).body).toEqual({
      deliveries: [{ at: '2023-11-14T22:13:20.000Z', ...attempt, ...failed }],
      next: null,
    });
  });

  it('have dead letters that are listed, sent again, and forgotten', async () => {
    const { get, ask, webhooks } = await memoryAdmin();
    const path = '/v1/webhooks/billing/dead-letters';
    for (let i = 0; i < 5; i += 1)
      await webhooks.dead.bury('billing', letter(`a~${i}`, 1_700_000_000_000 + i));
    const first = (await get(`${path}?limit=2`)).body;
    expect(first.deadLetters).toMatchObject([
      { id: 'a~0', type: 'viewer.count', room: 'a', attempts: 3, reason: 'status 500', data: { viewers: 5 } },
      { id: 'a~1' },
    ]);
    expect((await get(`${path}?after=${first.next}`)).body.deadLetters).toHaveLength(3);
    expect(await ask('DELETE', `${path}/a~4`)).toMatchObject({ status: 200, body: { forgotten: true } });
    expect(await ask('POST', `${path}/a~2/replay`)).toMatchObject({ status: 202, body: { replayed: 1 } });
    expect(await ask('POST', `${path}/a~2/replay`)).toMatchObject({
      status: 404,
      body: { code: 'dead-letter-unknown' },
    });
    expect(await ask('POST', `${path}/replay`)).toMatchObject({
      status: 202,
      body: { replayed: 3, left: 0 },
    });
    const lane = { receiver: 'billing', room: RoomName.parse('a') };
    const { entries } = await webhooks.outbox.take(lane, 'turn', 10);
    expect(entries.map(({ id, only }) => [id, only])).toEqual(
      ['a~2', 'a~0', 'a~1', 'a~3'].map(id => [id, 'billing']),
    );
  });
});
