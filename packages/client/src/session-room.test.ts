import type { RoomChange } from '@manycast/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client } from './testing/client.js';
import { FakeServer, type FakeSocket } from './testing/fake-server.js';

let server: FakeServer;
let client: Client;
let socket: FakeSocket;
beforeEach(async () => {
  server = await FakeServer.start();
});
afterEach(async () => {
  await client.session.leave();
  server.kill();
});

async function joined(options: { waitForPresenter?: boolean } = {}) {
  client = new Client([server], { role: 'viewer', ...options });
  socket = await server.accepts();
  await client.joins(socket, 'viewer');
}
const change = (seq: number, type: RoomChange['type'] = 'presenter-live'): RoomChange => ({
  id: 'room',
  type,
  generation: 1,
  seq,
});
const resumed = { id: 'resumed', resumeToken: 'next', node: 'node-a', renegotiate: false } as const;
const room = (seq: number, state: 'live' | 'ended' = 'live') => ({ state, generation: 1, seq });
const told = () => client.tellings('room').map(({ seq }) => seq);
const reject = () =>
  socket.send({ id: 'viewerResponse', response: 'rejected', message: '', code: 'no-presenter' });

describe('[R-BUS-1] the room’s events', () => {
  it('are told in order, each once, across a resume', async () => {
    await joined();
    for (const seq of [4, 5, 5, 4, 6]) socket.send(change(seq));
    await client.tells('room', 3);
    socket.kill();
    const next = await server.accepts();
    expect((await next.receives('resume')).seq).toBe(6);
    next.send({ ...resumed, events: [change(7), change(8)], isComplete: true, room: room(8) });
    next.send(change(8));
    next.send(change(9));
    await client.tells('room', 6);
    expect(told()).toEqual([4, 5, 6, 7, 8, 9]);
    expect(client.tellings('resumed')).toEqual([{ node: 'node-a', missedEvents: 2 }]);
    expect(client.tellings('gap')).toEqual([]);
  });

  it('that one is missing of are told of as a gap, and fetched over another socket', async () => {
    await joined();
    for (const seq of [4, 7, 8]) socket.send(change(seq));
    const next = await server.accepts();
    expect((await next.receives('resume')).seq).toBe(4);
    next.send({ ...resumed, events: [5, 6, 7, 8].map(seq => change(seq)), isComplete: true, room: room(8) });
    next.send(change(9));
    await client.tells('room', 6);
    await socket.closed;
    expect(told()).toEqual([4, 5, 6, 7, 8, 9]);
    expect(client.tellings('gap')).toEqual([{ seq: 4, isLost: false }]);
    expect(client.states()).toEqual(['connected']);
  });

  it('that cannot be fetched any more are told of as lost, with the room as it is', async () => {
    await joined();
    socket.send(change(4));
    await client.tells('room');
    socket.kill();
    const next = await server.accepts();
    await next.receives('resume');
    next.send({ ...resumed, events: [change(300)], isComplete: false, room: room(300) });
    next.send(change(301));
    await client.tells('room', 3);
    expect(told()).toEqual([4, 300, 301]);
    expect(client.tellings('gap')).toEqual([{ seq: 4, isLost: true, room: room(300) }]);
  });

  it('that the server says are lost for good cost no other socket', async () => {
    await joined();
    socket.send(change(4));
    socket.send({ id: 'gap', seq: 299 });
    socket.send(change(300));
    await client.tells('room', 2);
    expect(told()).toEqual([4, 300]);
    expect(client.tellings('gap')).toEqual([{ seq: 4, isLost: true }]);
    expect(client.states()).toEqual(['connected']);
  });

  it('that are no messages of this version are passed over', async () => {
    await joined();
    for (const frame of ['}{', '{"id":"presence","viewers":3}', '{"id":"room"}', 'null'])
      socket.sendRaw(frame);
    socket.send(change(1));
    await client.tells('room');
    expect(told()).toEqual([1]);
  });
});

describe('[R-ROOM-4] the end of a broadcast', () => {
  it('is told once, whether by its message, its event, or both', async () => {
    await joined();
    socket.send(change(2, 'presenter-left'));
    socket.send({ id: 'stopCommunication' });
    await client.reaches('ended');
    expect(client.tellings('ended')).toEqual([{ reason: 'presenter-left' }]);
    expect(client.peer.isClosed).toBe(true);
    await socket.closed;
    expect(socket.seen.map(({ id }) => id)).not.toContain('leave');
  });

  it('is learnt by a viewer that was away', async () => {
    await joined();
    socket.kill();
    const next = await server.accepts();
    await next.receives('resume');
    next.send({
      ...resumed,
      events: [change(3, 'presenter-left')],
      isComplete: true,
      room: room(3, 'ended'),
    });
    await client.reaches('ended');
    expect(client.tellings('ended')).toEqual([{ reason: 'presenter-left' }]);
    expect(told()).toEqual([3]);
  });

  it('of an earlier broadcast that a resume tells of ends nothing', async () => {
    await joined();
    socket.kill();
    const next = await server.accepts();
    await next.receives('resume');
    next.send({
      ...resumed,
      events: [change(1, 'presenter-left'), change(2)],
      isComplete: true,
      room: room(2),
    });
    await client.tells('resumed');
    await client.reaches('connected');
  });
});

describe('a viewer that waits for a presenter', () => {
  it('asks again, and watches when there is one', async () => {
    client = new Client([server], { role: 'viewer', waitForPresenter: true });
    socket = await server.accepts();
    for (let times = 0; times < 2; times += 1) {
      await socket.receives('viewer');
      reject();
    }
    await client.joins(socket, 'viewer');
    expect(client.states()).toEqual(['waiting', 'connecting', 'connected']);
    expect(client.peers.slice(0, -1).every(peer => peer.isClosed)).toBe(true);
  });

  it('watches the next broadcast too, with the token of the session that it has by then', async () => {
    await joined({ waitForPresenter: true });
    socket.send(change(2, 'presenter-left'));
    socket.send({ id: 'stopCommunication' });
    await client.reaches('waiting');
    expect(client.peers[0]?.isClosed).toBe(true);
    await socket.receives('viewer');
    socket.greet({ session: 'second', resumeToken: 'second-token' });
    client.accept(socket, 'viewer');
    // What happened in the room while it waited was none of its business, and is not missing now.
    socket.send({ ...change(7), generation: 4 });
    await client.tells('room', 2);
    client.peer.becomes('connected');
    await client.reaches('connected');
    expect(client.states()).toEqual(['connected', 'waiting', 'connecting', 'connected']);
    expect(client.tellings('gap')).toEqual([]);
    expect(client.session.id).toBe('second');
    socket.kill();
    const next = await server.accepts();
    expect(await next.receives('resume')).toMatchObject({ resumeToken: 'second-token', seq: 7 });
  });

  it('is not told that a broadcast before its own is over', async () => {
    await joined();
    socket.send({ ...change(5), generation: 3 });
    socket.send({ ...change(6, 'presenter-left'), generation: 2 });
    await client.tells('room', 2);
    expect(client.session.state).toBe('connected');
  });

  it('goes on waiting on another socket, without resuming', async () => {
    client = new Client([server], { role: 'viewer', waitForPresenter: true });
    socket = await server.accepts();
    await socket.receives('viewer');
    reject();
    await client.reaches('waiting');
    socket.kill();
    socket = await server.accepts();
    await client.joins(socket, 'viewer');
    expect(socket.seen.map(({ id }) => id)).not.toContain('resume');
  });
});
