import { type JoinToken, ResumeTokens } from '@manycast/core';
import { type MemoryCluster, memoryCluster } from '@manycast/core/contracts';
import { defaultRoom, RoomPattern, type ServerMessage, SignalError, type Speech } from '@manycast/protocol';
import { createLogger, createRegistry } from '@manycast/runtime';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Carriers } from './carriers.js';
import { Connection } from './connection.js';
import { NodeMetrics } from './node-metrics.js';
import { newLimits, noIceServers, noLimits } from './testing/limits.js';
import { TokenWatch } from './token-watch.js';

vi.setConfig({ testTimeout: 60_000 });

const sdpOffer = 'v=0\r\na=ice-ufrag:mine\r\n';
const log = createLogger({ name: 'test', level: 'silent' });
const minute = 60_000;

/** Tokens by name: what a reader of JWTs would have found in them. */
const issued = new Map<string, JoinToken>();
let cluster: MemoryCluster;
let connections: Connection[];
beforeEach(async () => {
  connections = [];
  issued.clear();
  const verify = async (token: string) => {
    const said = issued.get(token);
    if (!said) throw new SignalError('token-signature');
    return said;
  };
  cluster = await memoryCluster({ authorizer: { tokens: { verify }, openRooms: [] } });
});

function issue(token: string, own: Partial<JoinToken> = {}): string {
  issued.set(token, {
    id: token,
    identity: 'ada',
    name: 'Ada',
    rooms: RoomPattern.parse('*'),
    roles: ['presenter', 'viewer'],
    isModerator: false,
    mayChat: true,
    isOneTime: false,
    issuedAtMs: Date.now() - minute,
    expiresAtMs: Date.now() + minute,
    ...own,
  });
  return token;
}

function newClient(speech: Speech = 'manycast.v1') {
  const heard: ServerMessage[] = [];
  const closes: string[] = [];
  const connection = new Connection(
    {
      send: message => heard.push(message),
      tell: message => heard.push(message) > 0,
      close: reason => closes.push(reason),
    },
    { path: '/one2many', speech, room: defaultRoom, address: '192.0.2.1' },
    {
      cluster,
      tokens: new ResumeTokens('a secret of this test'),
      nodeAddresses: () => [],
      iceServers: noIceServers,
      clientHeartbeatMs: 1_000,
      carriers: new Carriers(),
      metrics: new NodeMetrics(createRegistry()),
      log,
      limits: { ...noLimits, maxCandidates: 5, maxSessions: 50, maxErrors: 50 },
      brakes: newLimits(),
    },
  );
  connections.push(connection);
  connection.welcome();
  const say = (message: object) => connection.receive(JSON.stringify(message));
  const hears = (id: string, count = 1) =>
    vi.waitFor(() => {
      const all = heard.filter(message => message.id === id);
      expect(all).toHaveLength(count);
      return all.at(-1) as ServerMessage & Record<string, unknown>;
    }, 20_000);
  const present = async (token?: string) => {
    say({ id: 'presenter', sdpOffer, token });
    return hears('presenterResponse');
  };
  return { connection, heard, closes, say, hears, present };
}

const look = () => new TokenWatch({ ledger: cluster.ledger, connections: () => connections, log }).look();
const record = async () => [...(await cluster.rooms.read(defaultRoom)).sessions.values()][0];

describe('an offer', () => {
  it('is rejected in the form of the tutorial, and nothing is left in the store', async () => {
    const page = newClient('tutorial');
    expect(await page.present()).toMatchObject({
      response: 'rejected',
      message: 'this room asks for a join token',
      code: 'token-missing',
    });
    expect(await page.hears('presenterResponse')).toBeDefined();
    page.say({ id: 'viewer', sdpOffer, token: 'forged' });
    expect(await page.hears('viewerResponse')).toMatchObject({ code: 'token-signature' });
    expect((await cluster.rooms.read(defaultRoom)).state).toBe('ended');
    expect(page.connection.present).toBeUndefined();
  });

  it('brings into the session’s record what its token says', async () => {
    const client = newClient();
    await client.present(issue('t1', { isModerator: true, mayChat: false }));
    expect((await record())?.grants).toMatchObject({
      identity: 'ada',
      name: 'Ada',
      isModerator: true,
      mayChat: false,
      token: { id: 't1' },
    });
  });

  it('made again needs no token, unless the first was revoked', async () => {
    const client = newClient();
    await client.present(issue('t1'));
    client.say({ id: 'presenter', sdpOffer });
    expect(await client.hears('presenterResponse', 2)).toMatchObject({ response: 'accepted' });
    await cluster.ledger.revoke({ of: { token: 't1' }, untilMs: Date.now() + minute });
    client.say({ id: 'presenter', sdpOffer });
    expect(await client.hears('presenterResponse', 3)).toMatchObject({ code: 'token-revoked' });
  });

  it('that came to nothing gives a token for one time back', async () => {
    const token = issue('once', { isOneTime: true });
    const early = newClient();
    early.say({ id: 'viewer', sdpOffer, token });
    expect(await early.hears('viewerResponse')).toMatchObject({ code: 'no-presenter' });
    await newClient().present(issue('p'));
    const viewers = [newClient(), newClient()];
    for (const viewer of viewers) viewer.say({ id: 'viewer', sdpOffer, token });
    const answers = await Promise.all(viewers.map(viewer => viewer.hears('viewerResponse')));
    expect(answers.map(answer => answer.code ?? answer.response).toSorted()).toEqual([
      'accepted',
      'token-used',
    ]);
  });
});

describe('a token that ends while its session is attached', () => {
  it('is announced once, ends the session, and closes the socket for good', async () => {
    const client = newClient();
    await client.present(issue('t1', { expiresAtMs: Date.now() + 20_000 }));
    await look();
    await look();
    expect((await client.hears('tokenExpiring')).inMs).toBeLessThanOrEqual(20_000);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 21_000 });
    try {
      await look();
    } finally {
      vi.useRealTimers();
    }
    expect(client.heard.at(-1)).toMatchObject({ id: 'error', code: 'token-expired' });
    expect(client.closes).toEqual(['token-expired']);
    await vi.waitFor(async () => expect((await cluster.rooms.read(defaultRoom)).state).toBe('ended'), 20_000);
    expect(cluster.media.pipelines.size).toBe(0);
  });

  it('may be followed by another of the same identity', async () => {
    const client = newClient();
    await client.present(issue('t1', { expiresAtMs: Date.now() + 20_000 }));
    client.say({ id: 'authorize', token: issue('t2', { identity: 'eve' }) });
    expect(await client.hears('error')).toMatchObject({ code: 'token-foreign' });
    client.say({ id: 'authorize', token: issue('t3', { isModerator: true }) });
    expect(await client.hears('authorized')).toMatchObject({ forMs: expect.any(Number) });
    expect((await record())?.grants).toMatchObject({ isModerator: false, token: { id: 't3' } });
    await look();
    expect(client.heard.some(({ id }) => id === 'tokenExpiring')).toBe(false);
  });

  it('ends when it, or all of its bearer’s, are revoked; others stay', async () => {
    const presenter = newClient();
    await presenter.present(issue('p'));
    const [viewer, page, bystander] = [newClient(), newClient('tutorial'), newClient()];
    viewer.say({ id: 'viewer', sdpOffer, token: issue('v') });
    page.say({ id: 'viewer', sdpOffer, token: issue('w', { identity: 'bob' }) });
    bystander.say({ id: 'viewer', sdpOffer, token: issue('x', { identity: 'eve' }) });
    await Promise.all([viewer, page, bystander].map(client => client.hears('viewerResponse')));
    await cluster.ledger.revoke({ of: { token: 'v' }, untilMs: Date.now() + minute });
    await cluster.ledger.revoke({ of: { identity: 'bob' }, untilMs: Date.now() + minute });
    await look();
    expect([viewer, page].map(({ closes }) => closes)).toEqual([['token-revoked'], ['token-revoked']]);
    expect(page.heard.at(-1)).toEqual({ id: 'stopCommunication' });
    expect([presenter, bystander].flatMap(({ closes }) => closes)).toEqual([]);
    await vi.waitFor(
      async () => expect((await cluster.rooms.read(defaultRoom)).sessions.size).toBe(2),
      20_000,
    );
  });
});

describe('a session that is resumed', () => {
  it('has what it had; after its token was revoked it ends instead', async () => {
    const first = newClient();
    await first.present(issue('t1', { isModerator: true }));
    const welcome = first.heard[0] as Extract<ServerMessage, { id: 'welcome' }>;
    const second = newClient();
    second.say({ id: 'resume', resumeToken: welcome.resumeToken, seq: 0 });
    const { resumeToken } = await second.hears('resumed');
    expect(second.connection.present?.admission.grants).toMatchObject({
      isModerator: true,
      token: { id: 't1' },
    });
    await cluster.ledger.revoke({ of: { identity: 'ada' }, untilMs: Date.now() + minute });
    const third = newClient();
    third.say({ id: 'resume', resumeToken, seq: 0 });
    expect(await third.hears('resumeRejected')).toMatchObject({ code: 'token-revoked' });
    await vi.waitFor(async () => expect((await cluster.rooms.read(defaultRoom)).state).toBe('ended'), 20_000);
  });
});
