import { presenter, viewer } from '@manycast/core';
import { newAttempt, sdpOffer } from '@manycast/core/contracts';
import { RoomName } from '@manycast/protocol';
import { expect, it } from 'vitest';
import { memoryAdmin, readToken } from '../testing/memory-admin.js';

async function liveRoom(name: string) {
  const admin = await memoryAdmin();
  const first = newAttempt(RoomName.parse(name));
  const second = newAttempt(first.room);
  await presenter(admin.cluster, first, sdpOffer);
  await viewer(admin.cluster, second, sdpOffer);
  const speaker = { ...second, name: null, identity: null, isModerator: false, mayChat: true };
  const say = (text: string) => admin.cluster.chat.say({ ...speaker, clientId: text, text });
  return { ...admin, presenter: first, viewer: second, say };
}

it('a chat is read page by page, also when its room has ended', async () => {
  const { get, say, cluster, presenter } = await liveRoom('a');
  for (const text of ['one', 'two', 'three']) await say(text);
  const first = (await get('/v1/rooms/a/chat?limit=2')).body;
  expect(first).toMatchObject({ first: 1, last: 3, entries: [{ text: 'one' }, { text: 'two' }] });
  expect((await get('/v1/rooms/a/chat?after=2')).body.entries).toMatchObject([{ text: 'three' }]);
  await cluster.rooms.leave(presenter);
  const { openings } = (await get('/v1/rooms/a/openings')).body;
  expect(openings).toMatchObject([{ epoch: first.epoch }]);
  const transcript = (await get(`/v1/rooms/a/chat?epoch=${first.epoch}`)).body;
  expect(transcript.entries.at(-1)).toMatchObject({ type: 'ended' });
  expect(await get('/v1/rooms/a/chat?epoch=other')).toMatchObject({
    status: 404,
    body: { code: 'chat-unknown' },
  });
  expect(await get('/v1/rooms/nobody/chat')).toMatchObject({ status: 404 });
  for (const bad of ['limit=0', 'limit=x', 'after=-1'])
    expect((await get(`/v1/rooms/a/chat?${bad}`)).status).toBe(400);
});

it('[R-MOD-1] an operator moderates, and the log says that it was one', async () => {
  const { ask, get, say, viewer, cluster } = await liveRoom('a');
  await say('rude');
  const act = (act: object, clientId = 'op-1') =>
    ask('POST', '/v1/rooms/a/moderate', { body: { clientId, act } });
  expect(await act({ type: 'delete', offset: 1 })).toMatchObject({ status: 200, body: { done: true } });
  expect(await act({ type: 'delete', offset: 9 }, 'op-2')).toMatchObject({
    status: 404,
    body: { code: 'not-found' },
  });
  expect((await act({ type: 'explode' }, 'op-3')).status).toBe(400);
  await act({ type: 'kick', session: viewer.session }, 'op-4');
  expect(await cluster.rooms.session(viewer.room, viewer.session)).toBeNull();
  const { entries } = (await get('/v1/rooms/a/chat')).body;
  expect(entries).toMatchObject([
    { type: 'message', text: null },
    { type: 'deleted', by: null, target: 1 },
    { type: 'kicked', by: null, session: viewer.session },
  ]);
  const asReader = { token: readToken, body: { clientId: 'r', act: { type: 'close' } } };
  expect((await ask('POST', '/v1/rooms/a/moderate', asReader)).status).toBe(403);
});

it('options are kept, replaced as a whole, and taken back', async () => {
  const { ask, get } = await memoryAdmin();
  const options = { title: 'The show', maxViewers: 500, opensAtMs: 2_000_000_000_000 };
  expect(await ask('PUT', '/v1/rooms/show/options', { body: options })).toMatchObject({ status: 200 });
  expect((await get('/v1/rooms/show/options')).body).toEqual(options);
  for (const bad of [{ maxViewers: 0 }, { title: '' }, { colour: 'red' }, { slowModeMs: 'x' }])
    expect((await ask('PUT', '/v1/rooms/show/options', { body: bad })).status).toBe(400);
  await ask('DELETE', '/v1/rooms/show/options');
  expect((await get('/v1/rooms/show/options')).body).toEqual({});
});

it('[R-DIR-1] the directory is searched page by page', async () => {
  const { get, directory } = await memoryAdmin();
  const card = {
    ...{ opening: '1000-1', seq: 1, startedAtMs: 1_000, endsAtMs: null, presenterName: null },
    ...{ isPresenterAway: false, isListed: true },
  };
  await directory.put(RoomName.parse('a'), { ...card, title: 'Bread', viewers: 3 });
  await directory.put(RoomName.parse('b'), { ...card, title: 'Soup', viewers: 9 });
  const page = (await get('/v1/directory?limit=1')).body;
  expect(page).toMatchObject({
    total: 2,
    rooms: [{ name: 'b', viewers: 9, startedAt: '1970-01-01T00:00:01.000Z' }],
  });
  expect((await get(`/v1/directory?after=${page.next}`)).body.rooms).toMatchObject([{ name: 'a' }]);
  expect((await get('/v1/directory?query=bre')).body.rooms).toMatchObject([{ name: 'a' }]);
  expect((await get('/v1/directory?limit=501')).status).toBe(400);
});
