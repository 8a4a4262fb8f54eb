import { ResumeTokens } from '@manycast/core';
import { type MemoryCluster, memoryCluster } from '@manycast/core/contracts';
import { type ClientMessage, RoomName, type ServerMessage, type Speech } from '@manycast/protocol';
import { createLogger, createRegistry } from '@manycast/runtime';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Carriers } from './carriers.js';
import { Connection } from './connection.js';
import { NodeMetrics } from './node-metrics.js';
import { newLimits, noIceServers, noLimits } from './testing/limits.js';

const sdpOffer = 'v=0\r\na=ice-ufrag:mine\r\n';
const room = RoomName.parse('stage');
/** On a busy machine too. */
const soon = { timeout: 10_000 };

let cluster: MemoryCluster;
let carriers: Carriers;
beforeEach(async () => {
  carriers = new Carriers();
  cluster = await memoryCluster();
});

function newClient({
  speech = 'manycast.v1' as Speech,
  isSlow = (): boolean => false,
  maxErrors = 50,
  chatPerSecond = 2,
} = {}) {
  const heard: ServerMessage[] = [];
  const closes: string[] = [];
  const connection = new Connection(
    {
      send: message => void heard.push(message),
      tell: message => !isSlow() && heard.push(message) > 0,
      close: reason => void closes.push(reason),
    },
    { path: '/one2many', speech, room, address: '192.0.2.1' },
    {
      cluster,
      tokens: new ResumeTokens('a secret of this test'),
      nodeAddresses: () => [],
      iceServers: noIceServers,
      clientHeartbeatMs: 1_000,
      carriers,
      metrics: new NodeMetrics(createRegistry()),
      log: createLogger({ name: 'test', level: 'silent' }),
      limits: { ...noLimits, maxSessions: 50, maxErrors, chatPerSecond },
      brakes: newLimits(),
    },
  );
  const all = <Id extends ServerMessage['id']>(id: Id) =>
    heard.filter(message => message.id === id) as Extract<ServerMessage, { id: Id }>[];
  const hears = <Id extends ServerMessage['id']>(id: Id, count = 1) =>
    vi.waitFor(() => {
      expect(all(id).length).toBeGreaterThanOrEqual(count);
      return all(id).at(count - 1) as Extract<ServerMessage, { id: Id }>;
    }, soon);
  const say = (message: Partial<ClientMessage> & object) => connection.receive(JSON.stringify(message));
  connection.welcome();
  return { connection, heard, closes, say, all, hears };
}

async function joined(role: 'presenter' | 'viewer', options: Parameters<typeof newClient>[0] = {}) {
  const client = newClient(options);
  client.say({ id: role, sdpOffer, room });
  await client.hears(`${role}Response`);
  if (options.speech !== 'tutorial') await client.hears('chatState');
  return client;
}

describe('a conversation', () => {
  it('reaches everybody who speaks manycast.v1, as the same object, and no tutorial page', async () => {
    const presenter = await joined('presenter');
    const [viewer, page] = [await joined('viewer'), await joined('viewer', { speech: 'tutorial' })];
    viewer.say({ id: 'chat', clientId: 'c1', text: ' hello\nthere ' });
    expect(await viewer.hears('chatAccepted')).toMatchObject({ clientId: 'c1', offset: 1 });
    const message = await presenter.hears('chat');
    expect(message).toMatchObject({ type: 'message', offset: 1, text: ' hello\nthere ' });
    expect(await viewer.hears('chat')).toBe(message);
    page.say({ id: 'chat', clientId: 'c1', text: 'hello' });
    expect(page.heard.map(({ id }) => id)).not.toContain('chat');
    expect(await page.hears('error')).toMatchObject({ code: 'unknown-message' });
  });

  it('goes on when the broadcast is over, and closes with the room’s afterglow', async () => {
    const [presenter, viewer] = [await joined('presenter'), await joined('viewer')];
    presenter.say({ id: 'leave' });
    await viewer.hears('stopCommunication');
    viewer.say({ id: 'chat', clientId: 'c1', text: 'what a show' });
    await viewer.hears('chatAccepted');
    await vi.waitFor(() => {
      const types = viewer.all('chat').map(entry => entry.type);
      expect(types).toEqual(['ended', 'message']);
    }, soon);
    expect(presenter.all('chat')).toEqual([]);
  });

  it('resumes where the client left it', async () => {
    const presenter = await joined('presenter');
    const viewer = await joined('viewer');
    for (const clientId of ['c1', 'c2', 'c3']) presenter.say({ id: 'chat', clientId, text: clientId });
    const seen = await viewer.hears('chat');
    const { resumeToken } = await viewer.hears('welcome');
    void viewer.connection.end();
    const next = newClient();
    next.say({ id: 'resume', resumeToken, seq: 1, chatEpoch: seen.epoch, chatOffset: seen.offset });
    await next.hears('chat', 2);
    presenter.say({ id: 'chat', clientId: 'c4', text: 'c4' });
    await next.hears('chat', 3);
    expect(next.all('chat').map(({ offset }) => offset)).toEqual([2, 3, 4]);
    const ids = next.heard.map(({ id }) => id);
    expect(ids.indexOf('resumed')).toBeLessThan(ids.indexOf('chat'));
    next.say({ id: 'chat', clientId: 'c5', text: 'back' });
    await next.hears('chatAccepted');
  });

  it('leaves out what a slow socket cannot take, and says how far the log is once it can', async () => {
    let isSlow = false;
    const presenter = await joined('presenter');
    const viewer = await joined('viewer', { isSlow: () => isSlow });
    isSlow = true;
    presenter.say({ id: 'chat', clientId: 'c1', text: 'too much' });
    await presenter.hears('chat');
    isSlow = false;
    expect(await viewer.hears('chatState', 2)).toMatchObject({ offset: 1 });
    viewer.say({ id: 'chatHistory', clientId: 'p1', after: 0 });
    const page = await viewer.hears('chatHistory');
    expect(page).toMatchObject({ clientId: 'p1', first: 1, last: 1, entries: [{ text: 'too much' }] });
  });
});

describe('what is refused', () => {
  const bell = String.fromCharCode(7);
  const override = String.fromCharCode(0x202e);
  it.each([
    ['', 'invalid-message'],
    [' \n ', 'invalid-message'],
    ['x'.repeat(501), 'too-large'],
    [`ring ${bell}`, 'invalid-message'],
    [`turn ${override}round`, 'invalid-message'],
    ['\ud800', 'invalid-message'],
    [7, 'invalid-message'],
  ])('a text of %j', async (text, code) => {
    const presenter = await joined('presenter');
    presenter.say({ id: 'chat', clientId: 'c1', text } as never);
    expect(await presenter.hears('error')).toMatchObject({ code, field: 'text', clientId: 'c1' });
    expect(presenter.closes).toEqual([]);
  });

  it('markup is text', async () => {
    const presenter = await joined('presenter');
    const text = '<img src=x onerror=alert(1)> & "quotes" 👩‍🚀';
    presenter.say({ id: 'chat', clientId: 'c1', text });
    expect(await presenter.hears('chat')).toMatchObject({ text });
  });

  it('a forged sender is not read', async () => {
    const presenter = await joined('presenter');
    const viewer = await joined('viewer');
    const forged = { from: 'the presenter', isModerator: true, room: 'elsewhere', offset: 99 };
    viewer.say({ id: 'chat', clientId: 'c1', text: 'hello', ...forged } as never);
    const { session } = await viewer.hears('welcome');
    expect(await presenter.hears('chat')).toMatchObject({ from: session, isModerator: false, offset: 1 });
  });

  it('who is not in the room', async () => {
    const client = newClient();
    client.say({ id: 'chat', clientId: 'c1', text: 'hello' });
    expect(await client.hears('error')).toMatchObject({ code: 'not-in-room', clientId: 'c1' });
    client.say({ id: 'viewer', sdpOffer, room });
    await client.hears('viewerResponse');
    client.say({ id: 'chatHistory', clientId: 'p1' });
    expect(await client.hears('error', 2)).toMatchObject({ code: 'not-in-room', clientId: 'p1' });
  });

  it('too much at once, with a hint; and a socket that goes on with it', async () => {
    const presenter = await joined('presenter', { maxErrors: 3 });
    for (let number = 1; number <= 11; number += 1)
      presenter.say({ id: 'chat', clientId: `c${number}`, text: 'flood' });
    const refusal = await presenter.hears('error');
    expect(refusal).toMatchObject({ code: 'too-fast', clientId: 'c11' });
    expect(refusal.retryAfterMs).toBeGreaterThan(0);
    expect(presenter.closes).toEqual([]);
    for (let number = 12; number <= 15; number += 1)
      presenter.say({ id: 'chat', clientId: `c${number}`, text: 'flood' });
    await vi.waitFor(() => expect(presenter.closes).toEqual(['too-many-errors']), soon);
    expect((await cluster.chat.state(room))?.offset).toBe(10);
  });

  it('pages that do not exist', async () => {
    const presenter = await joined('presenter');
    presenter.say({ id: 'chatHistory', clientId: 'p1', epoch: 'another' });
    expect(await presenter.hears('error')).toMatchObject({
      code: 'chat-unknown',
      field: 'epoch',
      clientId: 'p1',
    });
    presenter.say({ id: 'chatHistory', clientId: 'p2', before: 3, after: 1 });
    expect(await presenter.hears('error', 2)).toMatchObject({ code: 'invalid-message', field: 'after' });
    presenter.say({ id: 'chatHistory', clientId: 'p3', limit: 101 });
    expect(await presenter.hears('error', 3)).toMatchObject({ code: 'invalid-message', field: 'limit' });
    presenter.say({ id: 'chatHistory', clientId: 'p4', before: 50 });
    expect(await presenter.hears('chatHistory')).toMatchObject({ first: 0, last: 0, entries: [] });
  });
});

describe('moderators', () => {
  it('delete, mute and kick; who is kicked is told, and its socket closed', async () => {
    const presenter = await joined('presenter');
    const viewer = await joined('viewer');
    const { session } = await viewer.hears('welcome');
    await cluster.inbox.open(cluster.node, message => {
      for (const { connection } of [presenter, viewer]) connection.hear(message);
    });
    viewer.say({ id: 'chat', clientId: 'c1', text: 'rude' });
    await presenter.hears('chat');
    presenter.say({ id: 'moderate', clientId: 'm1', act: { type: 'delete', offset: 1 } });
    expect(await presenter.hears('moderated')).toMatchObject({ clientId: 'm1' });
    expect(await viewer.hears('chat', 2)).toMatchObject({ type: 'deleted', target: 1 });
    presenter.say({ id: 'roster', clientId: 'r1' });
    expect((await presenter.hears('roster')).members).toHaveLength(2);
    presenter.say({ id: 'moderate', clientId: 'm2', act: { type: 'mute', session, forMs: 5_000 } });
    await presenter.hears('moderated', 2);
    viewer.say({ id: 'chat', clientId: 'c2', text: 'rude again' });
    expect(await viewer.hears('error')).toMatchObject({ code: 'muted', clientId: 'c2' });
    presenter.say({ id: 'moderate', clientId: 'm3', act: { type: 'kick', session } });
    expect(await viewer.hears('error', 2)).toMatchObject({ code: 'kicked' });
    expect(viewer.closes).toEqual(['kicked']);
    await vi.waitFor(() =>
      expect([...cluster.media.pipelines.values()].map(({ size }) => size)).toEqual([1]),
    );
  });

  it('are only those who were made so', async () => {
    const presenter = await joined('presenter');
    const viewer = await joined('viewer');
    const { session } = await presenter.hears('welcome');
    viewer.say({ id: 'moderate', clientId: 'm1', act: { type: 'close' } });
    expect(await viewer.hears('error')).toMatchObject({ code: 'not-allowed', clientId: 'm1' });
    viewer.say({ id: 'roster', clientId: 'r1' });
    expect(await viewer.hears('error', 2)).toMatchObject({ code: 'not-allowed', clientId: 'r1' });
    presenter.say({ id: 'moderate', clientId: 'm2', act: { type: 'kick', session } });
    expect(await presenter.hears('error')).toMatchObject({ code: 'not-allowed', clientId: 'm2' });
    presenter.say({ id: 'moderate', clientId: 'm3', act: { type: 'explode' } } as never);
    expect(await presenter.hears('error', 2)).toMatchObject({ code: 'invalid-message', clientId: 'm3' });
  });

  it('[R-PRES-1] everybody is told how many watch, once for many', async () => {
    const presenter = await joined('presenter');
    for (let count = 0; count < 5; count += 1) await joined('viewer');
    await vi.waitFor(() => expect(presenter.all('presence').at(-1)).toMatchObject({ viewers: 5 }), soon);
    expect(presenter.all('presence').length).toBeLessThanOrEqual(4);
  });
});
