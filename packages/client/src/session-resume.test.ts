import type { Resumed, ResumeRejected } from '@manycast/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client } from './testing/client.js';
import { FakeServer, type FakeSocket } from './testing/fake-server.js';

let a: FakeServer;
let b: FakeServer;
let client: Client;
beforeEach(async () => {
  [a, b] = await Promise.all([FakeServer.start('node-a'), FakeServer.start('node-b')]);
});
afterEach(async () => {
  await client.session.leave();
  a.kill();
  b.kill();
});

const resumed = (changes: Partial<Resumed> = {}): Resumed => ({
  id: 'resumed',
  resumeToken: 'token-next',
  node: 'node-b',
  events: [],
  isComplete: true,
  room: { state: 'live', generation: 1, seq: 0 },
  renegotiate: false,
  ...changes,
});
const rejected = (code: ResumeRejected['code'], retryAfterMs?: number): ResumeRejected => ({
  id: 'resumeRejected',
  code,
  message: '',
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

async function joined(role: 'presenter' | 'viewer' = 'viewer', servers = [a, b]): Promise<FakeSocket> {
  client = new Client(servers, { role });
  const socket = await (servers[0] as FakeServer).accepts();
  await client.joins(socket, role);
  return socket;
}

describe.each(['presenter', 'viewer'] as const)('[R-OWN-2] a %s whose node is killed', role => {
  it('goes on on another node, with the same session and an untouched peer connection', async () => {
    await joined(role);
    a.kill();
    const socket = await b.accepts();
    expect(await socket.receives('resume')).toEqual({
      id: 'resume',
      resumeToken: 'token-node-a-1',
      seq: 0,
    });
    expect(client.session.state).toBe('reconnecting');
    expect(client.tellings('reconnecting')[0]).toMatchObject({ attempt: 1 });
    socket.send(resumed());
    await client.reaches('connected');
    expect(client.tellings('resumed')).toEqual([{ node: 'node-b', missedEvents: 0 }]);
    expect([client.session.id, client.session.node]).toEqual(['session-node-a-1', 'node-b']);
    expect(client.peers).toHaveLength(1);
    expect(client.peer.isClosed).toBe(false);
    expect(socket.seen.map(({ id }) => id)).toEqual(['resume']);
  });

  it('and then again, with the token of the last resume', async () => {
    await joined(role);
    a.kill();
    const first = await b.accepts();
    await first.receives('resume');
    first.send(resumed({ resumeToken: 'token-2' }));
    await client.reaches('connected');
    first.kill();
    const second = await b.accepts();
    expect((await second.receives('resume')).resumeToken).toBe('token-2');
    second.send(resumed());
    await client.reaches('connected');
    expect(client.peers).toHaveLength(1);
  });
});

describe('a node that is killed', () => {
  it('has told of the others before', async () => {
    a.welcome = { nodes: [b.url] };
    await joined('viewer', [a]);
    a.kill();
    const socket = await b.accepts();
    await socket.receives('resume');
    socket.send(resumed());
    await client.reaches('connected');
  });

  it('before the welcome: the next one is asked', async () => {
    a.welcome = undefined;
    client = new Client([a, b], { role: 'viewer' });
    (await a.accepts()).kill();
    await client.joins(await b.accepts(), 'viewer');
  });

  it('before the offer is made: the session of the next socket is taken', async () => {
    client = new Client([a, b], { role: 'viewer' }, peer => {
      if (peer.number === 1) peer.createOffer = () => new Promise(() => {});
    });
    const first = await a.accepts();
    await expect.poll(() => client.peers.length).toBe(1);
    first.kill();
    const second = await b.accepts();
    await client.joins(second, 'viewer');
    expect(second.seen.map(({ id }) => id)).not.toContain('resume');
  });

  it('[R-OWN-5] before the answer: it resumes, and offers again on a new peer connection', async () => {
    client = new Client([a, b], { role: 'viewer' });
    const first = await a.accepts();
    await first.receives('viewer');
    first.kill();
    const second = await b.accepts();
    await second.receives('resume');
    second.send(resumed({ renegotiate: true }));
    expect((await second.receives('viewer')).sdpOffer).toBe('offer-2');
    expect(client.peers[0]?.isClosed).toBe(true);
    client.accept(second, 'viewer');
    await client.tells('accepted');
    client.peer.becomes('connected');
    await client.reaches('connected');
    expect(client.tellings('error')).toEqual([]);
  });

  it('[R-OWN-5] before the answer, the answer being lost: it offers again though nobody tells it to', async () => {
    client = new Client([a, b], { role: 'viewer' });
    const first = await a.accepts();
    await first.receives('viewer');
    first.kill();
    const second = await b.accepts();
    await second.receives('resume');
    second.send(resumed({ renegotiate: false }));
    expect((await second.receives('viewer')).sdpOffer).toBe('offer-2');
  });

  it('after the answer, before ICE is connected: candidates found meanwhile are sent, and those before again', async () => {
    client = new Client([a, b], { role: 'viewer' });
    const first = await a.accepts();
    await first.receives('viewer');
    client.peer.gather('one');
    client.accept(first, 'viewer');
    await client.tells('accepted');
    first.kill();
    await client.tells('reconnecting');
    client.peer.gather('two');
    const second = await b.accepts();
    await second.receives('resume');
    client.peer.gather('three');
    second.send(resumed());
    await client.tells('resumed');
    client.peer.gather('four');
    await expect
      .poll(() => second.seen.map(message => ('candidate' in message ? message.candidate.candidate : '')))
      .toEqual(['', 'one', 'two', 'three', 'four']);
    expect(client.peers).toHaveLength(1);
  });

  it('during the resume: it is tried on the next node, with the same token', async () => {
    await joined();
    a.kill();
    const second = await b.accepts();
    await second.receives('resume');
    second.kill();
    const third = await b.accepts();
    expect((await third.receives('resume')).resumeToken).toBe('token-node-a-1');
    third.send(resumed());
    await client.reaches('connected');
    expect(client.peers).toHaveLength(1);
  });

  it('before the welcome of the resume, twice', async () => {
    await joined('viewer', [a]);
    a.welcome = undefined;
    (a.sockets[0] as FakeSocket).kill();
    (await a.accepts()).kill();
    (await a.accepts()).kill();
    a.welcome = {};
    const socket = await a.accepts();
    await socket.receives('resume');
    socket.send(resumed());
    await client.reaches('connected');
    expect(client.tellings('reconnecting').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    const delays = client.tellings('reconnecting').map(({ delayMs }) => delayMs);
    expect(delays).toEqual([20, 40, 80]);
  });

  it('loses its media as well: a new offer waits for a socket', async () => {
    await joined();
    a.kill();
    await client.tells('reconnecting');
    client.peer.becomes('failed');
    await expect
      .poll(() => client.tellings('state').at(-1))
      .toEqual({
        name: 'reconnecting',
        hasSocket: false,
        hasMedia: false,
      });
    const socket = await b.accepts();
    await socket.receives('resume');
    socket.send(resumed());
    expect((await socket.receives('viewer')).sdpOffer).toBe('offer-2');
  });
});

describe('a resume that is refused', () => {
  it('for the moment: it is tried again, not before the hint', async () => {
    await joined();
    a.kill();
    const second = await b.accepts();
    await second.receives('resume');
    second.send(rejected('unavailable', 150));
    const third = await b.accepts();
    await third.receives('resume');
    const delays = client.tellings('reconnecting').map(({ delayMs }) => delayMs);
    expect(Math.max(...delays)).toBeGreaterThanOrEqual(150);
    third.send(resumed());
    await client.reaches('connected');
    expect(client.peers).toHaveLength(1);
  });

  it('for good: a new session on the same socket, while the old picture stays', async () => {
    await joined();
    a.kill();
    const socket = await b.accepts();
    await socket.receives('resume');
    socket.send(rejected('session-unknown'));
    expect((await socket.receives('viewer')).sdpOffer).toBe('offer-2');
    expect(client.tellings('restarted').map(({ reason }) => reason.code)).toEqual(['session-unknown']);
    expect(client.session.id).toBe('session-node-b-1');
    const [old, fresh] = client.peers;
    expect(old?.isClosed).toBe(false);
    client.accept(socket, 'viewer');
    await client.tells('accepted', 2);
    fresh?.becomes('connected');
    if (fresh) fresh.framesDecoded = 1;
    await expect.poll(() => old?.isClosed).toBe(true);
    expect(client.session.state).toBe('connected');
    socket.kill();
    const again = await b.accepts();
    expect((await again.receives('resume')).resumeToken).toBe('token-node-b-1');
  });

  it('for good, to a presenter whose own ghost still has the place: it asks until it is free', async () => {
    await joined('presenter');
    a.kill();
    const socket = await b.accepts();
    await socket.receives('resume');
    socket.send(rejected('bad-token'));
    for (let refusals = 0; refusals < 3; refusals += 1) {
      await socket.receives('presenter');
      socket.send({ id: 'presenterResponse', response: 'rejected', message: '', code: 'presenter-exists' });
    }
    await client.joins(socket, 'presenter');
    expect(client.tellings('error').map(({ code }) => code)).toEqual(Array(3).fill('presenter-exists'));
  });

  it.each([
    ['somebody else has the place: it ends before long', undefined, 'ended'],
    ['whoever has the place has no socket: it goes on asking', 1, 'connected'],
  ] as const)('for good, to a presenter, and %s', async (_, retryAfterMs, state) => {
    await joined('presenter');
    a.kill();
    const socket = await b.accepts();
    await socket.receives('resume');
    socket.send(rejected('session-unknown'));
    const taken = {
      response: 'rejected' as const,
      message: '',
      code: 'presenter-exists',
      ...(retryAfterMs && { retryAfterMs }),
    };
    for (let refusals = 0; refusals < 6; refusals += 1) {
      await socket.receives('presenter');
      socket.send({ id: 'presenterResponse', ...taken });
    }
    if (state === 'connected') await client.joins(socket, 'presenter');
    await client.reaches(state);
  });
});

describe('a socket that is closed', () => {
  it.each([1000, 1001, 1006, 1011, 1012, 1013, 4000, 4001, 4002, 4321])('with %i is replaced', async code => {
    const socket = await joined('viewer', [a]);
    if (code === 1006) socket.kill();
    else socket.close(code);
    const next = await a.accepts();
    await next.receives('resume');
    next.send(resumed());
    await client.reaches('connected');
  });

  it.each([
    [4501, 'superseded', 'superseded'],
    [4500, 'failed', 'server-refuses'],
    [1009, 'failed', 'server-refuses'],
    [4777, 'failed', 'server-refuses'],
  ])('with %i is the end', async (code, reason, errorCode) => {
    const socket = await joined();
    socket.close(code);
    await client.reaches('ended');
    expect(client.tellings('ended')).toMatchObject([{ reason, error: { code: errorCode } }]);
    expect(client.peer.isClosed).toBe(true);
    expect(b.sockets).toHaveLength(0);
  });

  it('by nobody, but dead: without pongs the session moves', async () => {
    a.welcome = { heartbeatMs: 50 };
    await joined();
    a.answersPings = false;
    const socket = await b.accepts();
    await socket.receives('resume');
    socket.send(resumed());
    await client.reaches('connected');
    await (a.sockets[0] as FakeSocket).closed;
  });
});

describe('goaway', () => {
  it('moves the session to another node before the old socket closes', async () => {
    const first = await joined();
    const toldAt = performance.now();
    first.send({ id: 'goaway', afterMs: 60 });
    first.send({ id: 'goaway', afterMs: 0 });
    const second = await b.accepts();
    expect(performance.now() - toldAt).toBeGreaterThan(50);
    await second.receives('resume');
    // It still serves: it is heard, and not closed before the other one does.
    first.send({ id: 'room', type: 'presenter-live', generation: 1, seq: 1 });
    await client.tells('room');
    expect(first.isOpen).toBe(true);
    second.send(resumed());
    await client.tells('resumed');
    await first.closed;
    expect(client.states()).toEqual(['connected']);
    expect(client.tellings('reconnecting')).toEqual([]);
    expect(b.sockets).toHaveLength(1);
  });

  it('[R-OWN-1] takes the superseding of the old socket by its own for what it is', async () => {
    const first = await joined();
    first.send({ id: 'goaway', afterMs: 0 });
    const second = await b.accepts();
    await second.receives('resume');
    first.close(4501);
    await first.closed;
    second.send(resumed());
    await client.tells('resumed');
    expect(client.states()).toEqual(['connected']);
    expect(client.tellings('reconnecting')).toEqual([]);
  });

  it('[R-OWN-1] whose new socket is lost after the old one was superseded goes on with a third', async () => {
    const first = await joined('viewer', [a]);
    first.send({ id: 'goaway', afterMs: 0 });
    const second = await a.accepts();
    await second.receives('resume');
    first.close(4501);
    await first.closed;
    second.kill();
    await client.tells('reconnecting');
    const third = await a.accepts();
    await third.receives('resume');
    third.send(resumed());
    await client.reaches('connected');
    expect(client.peers).toHaveLength(1);
  });

  it('[R-OWN-5] while an offer is on its way: what the old socket says of it by then is not its answer', async () => {
    client = new Client([a, b], { role: 'viewer' });
    const first = await a.accepts();
    await first.receives('viewer');
    first.send({ id: 'goaway', afterMs: 0 });
    const second = await b.accepts();
    await second.receives('resume');
    first.send({ id: 'viewerResponse', response: 'rejected', message: '', code: 'fenced' });
    first.send({ id: 'error', code: 'bad-candidate', message: 'seen after it' });
    await client.tells('error');
    second.send(resumed({ renegotiate: true }));
    await client.joins(second, 'viewer');
    expect(client.peers).toHaveLength(2);
  });

  it('stays on the old socket for as long as the new one does not come, and survives its close', async () => {
    const first = await joined('viewer', [a]);
    a.welcome = undefined;
    first.send({ id: 'goaway', afterMs: 0 });
    (await a.accepts()).kill();
    expect(client.session.state).toBe('connected');
    a.welcome = {};
    const third = await a.accepts();
    await third.receives('resume');
    third.send(resumed());
    await first.closed;
    expect(client.states()).toEqual(['connected']);
  });

  it('takes what comes over either socket once', async () => {
    const first = await joined();
    const live = { id: 'room', type: 'presenter-live', generation: 2, seq: 7 } as const;
    const order = { id: 'renegotiate', reason: 'media-moved', generation: 2 } as const;
    first.send({ ...live, seq: 6 });
    first.send({ id: 'goaway', afterMs: 0 });
    const second = await b.accepts();
    await second.receives('resume');
    first.send(live);
    first.send(order);
    await client.tells('room', 2);
    second.send(
      resumed({ events: [live], room: { state: 'live', generation: 2, seq: 7 }, renegotiate: true }),
    );
    second.send(live);
    second.send(order);
    await second.receives('viewer');
    await client.session.leave();
    expect(second.seen.filter(({ id }) => id === 'viewer')).toHaveLength(1);
    expect(first.seen.filter(({ id }) => id === 'viewer')).toHaveLength(1);
    expect(client.tellings('room').map(({ seq }) => seq)).toEqual([6, 7]);
  });

  it('of a viewer that waits for a presenter: there is nothing to resume', async () => {
    client = new Client([a, b], { role: 'viewer', waitForPresenter: true });
    const first = await a.accepts();
    await first.receives('viewer');
    first.send({ id: 'viewerResponse', response: 'rejected', message: '', code: 'no-presenter' });
    await client.reaches('waiting');
    first.send({ id: 'goaway', afterMs: 0 });
    const second = await b.accepts();
    await first.closed;
    await client.joins(second, 'viewer');
    expect(second.seen.map(({ id }) => id)).not.toContain('resume');
  });
});
