import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client } from './testing/client.js';
import { FakeServer } from './testing/fake-server.js';
import { ManualTimers } from './testing/manual-timers.js';

let server: FakeServer;
let client: Client;
let timers: ManualTimers;
beforeEach(async () => {
  server = await FakeServer.start();
  server.welcome = { heartbeatMs: 600_000 };
  timers = new ManualTimers();
});
afterEach(async () => {
  await client.session.leave();
  server.kill();
  expect(timers.pendingCount).toBe(0);
});

function start(options: { joinAttempts?: number } = {}) {
  client = new Client([server], { role: 'viewer', timers, ...options });
  timers.advance(0);
}

describe('a cluster that says nothing', () => {
  it('from the first is given up', async () => {
    server.welcome = undefined;
    start();
    await server.accepts();
    for (let seconds = 0; seconds < 14; seconds += 1) timers.advance(1_000);
    expect(client.session.state).toBe('connecting');
    timers.advance(1_000);
    expect(client.tellings('ended')).toMatchObject([
      { reason: 'failed', error: { code: 'server-unreachable' } },
    ]);
  });

  it('to an offer is given up', async () => {
    start();
    const socket = await server.accepts();
    await socket.receives('viewer');
    timers.advance(19_999);
    expect(client.session.state).toBe('connecting');
    timers.advance(1);
    expect(client.tellings('ended')).toMatchObject([{ error: { code: 'no-answer' } }]);
    await socket.receives('leave');
  });

  it('to an offer is asked again on another socket, where a late answer cannot be mistaken for the new one', async () => {
    start({ joinAttempts: 2 });
    const first = await server.accepts();
    await first.receives('viewer');
    timers.advance(20_000);
    const second = await server.accepts();
    await second.receives('resume');
    client.accept(first, 'viewer');
    second.send({
      id: 'resumed',
      resumeToken: 'next',
      node: 'node-a',
      events: [],
      isComplete: true,
      room: { state: 'live', generation: 1, seq: 0 },
      renegotiate: true,
    });
    await client.joins(second, 'viewer');
    expect(client.tellings('accepted')).toHaveLength(1);
    expect(first.seen.filter(({ id }) => id === 'viewer')).toHaveLength(1);
  });

  it('to a resume is asked again on another socket', async () => {
    start();
    const first = await server.accepts();
    await client.joins(first, 'viewer');
    first.kill();
    await client.tells('reconnecting');
    timers.advance(5_000);
    const second = await server.accepts();
    await second.receives('resume');
    timers.advance(12_000);
    expect(client.tellings('reconnecting')).toHaveLength(2);
    timers.advance(5_000);
    const third = await server.accepts();
    await third.receives('resume');
    await second.closed;
    expect(client.session.state).toBe('reconnecting');
    expect(client.peers).toHaveLength(1);
  });

  it('through ICE that never connects is given up', async () => {
    start();
    const socket = await server.accepts();
    await socket.receives('viewer');
    client.accept(socket, 'viewer');
    await client.tells('accepted');
    timers.advance(25_000);
    expect(client.tellings('ended')).toMatchObject([{ error: { code: 'ice-failed' } }]);
  });
});
