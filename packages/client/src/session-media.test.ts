import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Client } from './testing/client.js';
import type { FakePeer } from './testing/fake-peer.js';
import { FakeServer, type FakeSocket } from './testing/fake-server.js';
import { FakeStream } from './testing/fake-stream.js';
import { ManualTimers } from './testing/manual-timers.js';

let server: FakeServer;
let client: Client;
let socket: FakeSocket;
beforeEach(async () => {
  server = await FakeServer.start();
});
afterEach(async () => {
  await client.session.leave();
  expect(client.peers.filter(peer => !peer.isClosed)).toEqual([]);
  vi.unstubAllGlobals();
  server.kill();
});

async function joined(role: 'presenter' | 'viewer' = 'viewer') {
  client = new Client([server], { role });
  socket = await server.accepts();
  await client.joins(socket, role);
}
const renegotiate = (generation = 2, reason: 'media-moved' | 'media-lost' = 'media-moved') =>
  socket.send({ id: 'renegotiate', reason, generation });
const offers = () => socket.seen.flatMap(message => ('sdpOffer' in message ? [message.sdpOffer] : []));

describe('an order to renegotiate', () => {
  it('is followed on a new peer connection, and the old one plays until there is a picture', async () => {
    await joined();
    renegotiate();
    expect((await socket.receives('viewer')).sdpOffer).toBe('offer-2');
    const [old, fresh] = client.peers as [FakePeer, FakePeer];
    client.accept(socket, 'viewer');
    await client.tells('accepted', 2);
    fresh.becomes('connected');
    await fresh.getStats();
    expect(old.isClosed).toBe(false);
    expect(client.session.peerConnection).toBe(old);
    expect(client.tellings('track')).toHaveLength(2);
    fresh.framesDecoded = 1;
    await expect.poll(() => old.isClosed).toBe(true);
    expect(client.session.peerConnection).toBe(fresh);
    expect(client.tellings('track').map(({ track }) => track.id)).toEqual([
      'audio-1',
      'video-1',
      'audio-2',
      'video-2',
    ]);
    expect(client.states()).toEqual(['connected']);
  });

  it('is followed by a presenter with the same stream, the old connection sending until the server ends it', async () => {
    await joined('presenter');
    renegotiate();
    expect((await socket.receives('presenter')).sdpOffer).toBe('offer-2');
    const [old, fresh] = client.peers as [FakePeer, FakePeer];
    expect(fresh.transceivers).toEqual(old.transceivers);
    client.accept(socket, 'presenter');
    await client.tells('accepted', 2);
    fresh.becomes('connected');
    expect(client.session.peerConnection).toBe(fresh);
    old.becomes('disconnected');
    expect(old.isClosed).toBe(false);
    old.becomes('failed');
    await expect.poll(() => old.isClosed).toBe(true);
    expect(client.tellings('media').at(-1)).toEqual({ isFlowing: true });
    expect(client.states()).toEqual(['connected']);
  });

  it('is followed by a presenter again and again, all former connections sending for those who have yet to follow', async () => {
    await joined('presenter');
    for (const generation of [2, 3]) {
      renegotiate(generation);
      await socket.receives('presenter');
      client.accept(socket, 'presenter');
      await client.tells('accepted', generation);
      client.peer.becomes('connected');
    }
    expect(client.peers.map(peer => peer.isClosed)).toEqual([false, false, false]);
  });

  it('is followed by a presenter whose media is lost without keeping what is of no use', async () => {
    await joined('presenter');
    renegotiate(1, 'media-lost');
    await socket.receives('presenter');
    expect(client.tellings('state').at(-1)).toEqual({
      name: 'reconnecting',
      hasSocket: true,
      hasMedia: false,
    });
    client.accept(socket, 'presenter');
    await client.tells('accepted', 2);
    client.peer.becomes('connected');
    expect(client.peers[0]?.isClosed).toBe(true);
    expect(client.states().at(-1)).toBe('connected');
  });

  it('exchanges the tracks of the stream, never two of a kind in it and never none', async () => {
    vi.stubGlobal('MediaStream', FakeStream);
    await joined();
    const stream = client.session.stream as unknown as FakeStream;
    expect(stream.getTracks().map(track => track.id)).toEqual(['audio-1', 'video-1']);
    stream.changes.length = 0;
    renegotiate();
    await socket.receives('viewer');
    client.accept(socket, 'viewer');
    await client.tells('accepted', 2);
    expect(stream.changes).toEqual([]);
    client.peer.framesDecoded = 1;
    client.peer.becomes('connected');
    await client.tells('track', 4);
    expect(client.session.stream).toBe(stream);
    expect(stream.changes).toEqual(['-audio-1', '+audio-2', '-video-1', '+video-2']);
  });

  it('keeps the last picture in the stream when the media is lost, and says so', async () => {
    vi.stubGlobal('MediaStream', FakeStream);
    await joined();
    const stream = client.session.stream as unknown as FakeStream;
    renegotiate(2, 'media-lost');
    await socket.receives('viewer');
    expect(client.tellings('state').at(-1)).toEqual({
      name: 'reconnecting',
      hasSocket: true,
      hasMedia: false,
    });
    expect(client.tellings('media').at(-1)).toEqual({ isFlowing: false });
    client.peers[0]?.becomes('failed');
    expect(stream.getTracks().map(track => track.id)).toEqual(['audio-1', 'video-1']);
    client.accept(socket, 'viewer');
    await client.tells('accepted', 2);
    client.peer.framesDecoded = 1;
    client.peer.becomes('connected');
    await client.reaches('connected');
    expect(stream.getTracks().map(track => track.id)).toEqual(['audio-2', 'video-2']);
    expect(client.peers).toHaveLength(2);
  });

  it.each([
    ['that plays on, ten seconds', true, 10_000],
    ['that is interrupted, three', false, 3_000],
  ])('waits for the first picture beside an old one %s', async (_what, playsOn, longestMs) => {
    server.welcome = { heartbeatMs: 600_000 };
    const timers = new ManualTimers();
    client = new Client([server], { role: 'viewer', timers });
    timers.advance(0);
    socket = await server.accepts();
    await client.joins(socket, 'viewer');
    renegotiate();
    await socket.receives('viewer');
    const [old, fresh] = client.peers as [FakePeer, FakePeer];
    client.accept(socket, 'viewer');
    await client.tells('accepted', 2);
    fresh.becomes('connected');
    if (!playsOn) old.becomes('disconnected');
    timers.advance(longestMs - 1);
    expect(old.isClosed).toBe(false);
    timers.advance(1);
    expect(old.isClosed).toBe(true);
    expect(client.session.peerConnection).toBe(fresh);
  });

  it('is followed once for each generation, in order, and never with two offers on their way', async () => {
    await joined();
    renegotiate(2);
    renegotiate(2);
    renegotiate(3);
    await socket.receives('viewer');
    expect(client.peers).toHaveLength(2);
    client.accept(socket, 'viewer');
    await socket.receives('viewer');
    client.accept(socket, 'viewer');
    await client.tells('accepted', 3);
    expect(offers()).toEqual(['offer-1', 'offer-2', 'offer-3']);
    expect(client.peers[1]?.isClosed).toBe(true);
    renegotiate(3);
    socket.send({ id: 'room', type: 'presenter-live', generation: 3, seq: 1 });
    await client.tells('room');
    expect(client.peers).toHaveLength(3);
  });

  it('is followed again when the endpoint is lost in the same generation', async () => {
    await joined();
    for (let times = 2; times <= 3; times += 1) {
      socket.send({ id: 'renegotiate', reason: 'media-lost', generation: 1 });
      await socket.receives('viewer');
      client.accept(socket, 'viewer');
      await client.tells('accepted', times);
    }
    expect(offers()).toEqual(['offer-1', 'offer-2', 'offer-3']);
  });

  it('is not given up when the offer is refused for the moment', async () => {
    await joined();
    renegotiate();
    for (const code of ['media-unavailable', 'no-presenter', 'pool-full', 'no-presenter']) {
      await socket.receives('viewer');
      socket.send({ id: 'viewerResponse', response: 'rejected', message: '', code });
    }
    await socket.receives('viewer');
    const [old] = client.peers;
    expect(old?.isClosed).toBe(false);
    client.accept(socket, 'viewer');
    await client.tells('accepted', 2);
    client.peer.framesDecoded = 1;
    client.peer.becomes('connected');
    await expect.poll(() => old?.isClosed).toBe(true);
    expect(client.peers.slice(1, -1).every(peer => peer.isClosed)).toBe(true);
    expect(client.states()).toEqual(['connected']);
  });

  it('has as many attempts every time', async () => {
    await joined();
    for (let generation = 2; generation <= 3; generation += 1) {
      renegotiate(generation);
      for (let refusals = 0; refusals < 4; refusals += 1) {
        await socket.receives('viewer');
        socket.send({ id: 'viewerResponse', response: 'rejected', message: '', code: 'no-presenter' });
      }
      await socket.receives('viewer');
      client.accept(socket, 'viewer');
      await client.tells('accepted', generation);
      client.peer.framesDecoded = 1;
      client.peer.becomes('connected');
      await client.tells('track', 2 * generation);
    }
    expect(client.session.state).toBe('connected');
  });

  it('ends when nobody presents any more', async () => {
    await joined();
    renegotiate();
    for (let times = 0; times < 5; times += 1) {
      await socket.receives('viewer');
      socket.send({ id: 'viewerResponse', response: 'rejected', message: '', code: 'no-presenter' });
    }
    await client.reaches('ended');
    expect(client.tellings('ended')).toEqual([{ reason: 'presenter-left' }]);
  });
});

describe('media', () => {
  it('that pauses and comes back is told of, and left alone', async () => {
    await joined();
    client.peer.becomes('disconnected');
    client.peer.becomes('connected');
    expect(client.tellings('media')).toEqual([true, false, true].map(isFlowing => ({ isFlowing })));
    expect(client.peers).toHaveLength(1);
  });

  it('that fails with the socket alive is offered anew', async () => {
    await joined();
    client.peer.becomes('failed');
    await expect
      .poll(() => client.tellings('state').at(-1))
      .toEqual({
        name: 'reconnecting',
        hasSocket: true,
        hasMedia: false,
      });
    expect((await socket.receives('viewer')).sdpOffer).toBe('offer-2');
    client.accept(socket, 'viewer');
    await client.tells('accepted', 2);
    client.peer.becomes('failed');
    expect((await socket.receives('viewer')).sdpOffer).toBe('offer-3');
    client.accept(socket, 'viewer');
    await client.tells('accepted', 3);
    client.peer.framesDecoded = 1;
    client.peer.becomes('connected');
    await client.reaches('connected');
    expect(client.tellings('error').map(({ code }) => code)).toEqual(['ice-failed']);
  });

  it('without RTCPeerConnection is no reason to ask the server', async () => {
    client = new Client([server], {
      role: 'viewer',
      createPeerConnection: () => {
        throw new TypeError('none here');
      },
    });
    await client.reaches('ended');
    expect(client.tellings('ended')[0]?.error).toMatchObject({
      code: 'no-webrtc',
      cause: expect.any(TypeError),
    });
  });
});
