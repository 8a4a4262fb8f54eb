import { ResumeTokens } from '@manycast/core';
import { type MemoryCluster, memoryCluster } from '@manycast/core/contracts';
import { asNodeId, defaultRoom, type ServerMessage, SignalError, type Speech } from '@manycast/protocol';
import { createLogger, createRegistry } from '@manycast/runtime';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection } from './connection.js';
import { NodeMetrics } from './node-metrics.js';

const sdpOffer = 'v=0\r\na=ice-ufrag:mine\r\n';
const candidate = { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 };

let cluster: MemoryCluster;
let media: MemoryCluster['media'];
beforeEach(async () => {
  cluster = await memoryCluster();
  ({ media } = cluster);
});

/** A client of a node: says messages, keeps what it hears. */
function newClient({ maxErrors = 3, speech = 'tutorial' as Speech, isCarried = false } = {}) {
  const heard: ServerMessage[] = [];
  const closes: string[] = [];
  const connection = new Connection(
    { send: message => heard.push(message), close: reason => closes.push(reason) },
    { path: '/one2many', speech, room: defaultRoom },
    {
      cluster,
      tokens: new ResumeTokens('a secret of this test'),
      nodeAddresses: () => [],
      clientHeartbeatMs: 1_000,
      onAttached: () => {},
      onGone: () => {},
      isCarried: () => isCarried,
      metrics: new NodeMetrics(createRegistry()),
      log: createLogger({ name: 'test', level: 'silent' }),
      limits: { maxCandidates: 5, maxSessions: 5, maxErrors },
    },
  );
  const say = (message: object) => connection.receive(JSON.stringify(message));
  const response = (count = 1) =>
    vi.waitFor(() => {
      const responses = heard.filter(({ id }) => id.endsWith('Response'));
      expect(responses).toHaveLength(count);
      return responses.at(-1);
    });
  return { connection, heard, closes, say, response };
}

const candidatesTaken = () => [...media.candidates.values()].map(taken => taken.length);

describe('candidates that come before an offer count', () => {
  it('on a fresh socket', async () => {
    const client = newClient();
    client.say({ id: 'onIceCandidate', candidate });
    client.say({ id: 'presenter', sdpOffer });
    await vi.waitFor(() => expect(candidatesTaken()).toEqual([1]));
  });

  it('on one that was rejected before', async () => {
    const client = newClient();
    client.say({ id: 'viewer', sdpOffer });
    expect(await client.response()).toMatchObject({ response: 'rejected' });
    client.say({ id: 'onIceCandidate', candidate });
    client.say({ id: 'presenter', sdpOffer });
    await vi.waitFor(() => expect(candidatesTaken()).toEqual([1]));
  });

  it('and those of the attempt before do not', async () => {
    const client = newClient();
    client.say({ id: 'presenter', sdpOffer });
    await client.response();
    client.say({ id: 'stop' });
    client.say({ id: 'onIceCandidate', candidate: { ...candidate, usernameFragment: 'theirs' } });
    client.say({ id: 'onIceCandidate', candidate: { ...candidate, usernameFragment: 'mine' } });
    client.say({ id: 'presenter', sdpOffer });
    await client.response(2);
    await vi.waitFor(() => expect(candidatesTaken()).toEqual([1]));
  });
});

describe('a client that sends too much that is invalid', () => {
  it('is closed once, and nothing it still sends is answered', () => {
    const client = newClient({ maxErrors: 3 });
    for (let frame = 0; frame < 10; frame += 1) client.connection.receive('{bad');
    for (let frame = 0; frame < 10; frame += 1) client.connection.receiveBinary();
    expect(client.closes).toEqual(['too-many-errors']);
    expect(client.heard).toHaveLength(3);
  });
});

describe('an offer on a socket that has an attempt', () => {
  it('is answered also while the end of that attempt cannot be told to the store', async () => {
    const client = newClient();
    client.say({ id: 'presenter', sdpOffer });
    await client.response();
    const { rooms } = cluster;
    const { leave } = rooms;
    rooms.leave = async () => {
      throw new SignalError('unavailable');
    };
    client.say({ id: 'viewer', sdpOffer, room: 'elsewhere' });
    expect(await client.response(2)).toMatchObject({ response: 'rejected', code: 'no-presenter' });
    rooms.leave = leave;
  });
});

describe('a resume whose store fails after the session was attached', () => {
  async function halfResumed(isCarried = false) {
    const first = newClient({ speech: 'manycast.v1' });
    first.connection.welcome();
    first.say({ id: 'presenter', sdpOffer });
    await first.response();
    const [welcome] = first.heard;
    if (welcome?.id !== 'welcome') throw new Error('not welcomed');
    const { rooms } = cluster;
    const { attach } = rooms;
    rooms.attach = async order => {
      rooms.attach = attach;
      await attach.call(rooms, order);
      throw new SignalError('unavailable');
    };
    const second = newClient({ speech: 'manycast.v1', isCarried });
    second.say({ id: 'resume', resumeToken: welcome.resumeToken, seq: 1 });
    await vi.waitFor(() =>
      expect(second.heard).toContainEqual(
        expect.objectContaining({ id: 'resumeRejected', code: 'unavailable' }),
      ),
    );
    return async () => [...(await rooms.read(defaultRoom)).sessions.values()][0];
  }

  it('[R-OWN-3] begins the grace period: no socket carries the session', async () => {
    const session = await halfResumed();
    await vi.waitFor(async () =>
      expect(await session()).toMatchObject({ epoch: 2, detachedAtMs: expect.any(Number) }),
    );
    expect(cluster.scheduled).toMatchObject([{ epoch: 2 }]);
  });

  it('[R-OWN-1] leaves it alone when another socket of this node has resumed it', async () => {
    const session = await halfResumed(true);
    await cluster.undo.settled();
    expect(await session()).toMatchObject({ epoch: 2, detachedAtMs: null });
    expect(cluster.scheduled).toEqual([]);
  });
});

describe('a node that may have been taken for dead', () => {
  async function present() {
    const client = newClient({ speech: 'manycast.v1' });
    client.say({ id: 'presenter', sdpOffer });
    await client.response();
    const view = await cluster.rooms.read(defaultRoom);
    const attachment = { room: defaultRoom, session: view.presenter as never, node: cluster.node, epoch: 1 };
    return { client, attachment };
  }

  it('[R-OWN-1] ends the grace period of what it still carries', async () => {
    const { client, attachment } = await present();
    await cluster.rooms.detachNode(attachment);
    await client.connection.reaffirm();
    const session = await cluster.rooms.session(defaultRoom, attachment.session);
    expect(session?.detachedAtMs).toBeNull();
    expect(client.closes).toEqual([]);
  });

  it('[R-OWN-1] closes the socket of what is attached elsewhere by now', async () => {
    const { client, attachment } = await present();
    await cluster.rooms.attach({ ...attachment, node: asNodeId('node-2'), tokenEpoch: 1, seq: 0 });
    await client.connection.reaffirm();
    expect(client.closes).toEqual(['superseded']);
  });

  it('has the client offer again when its session was ended', async () => {
    const { client, attachment } = await present();
    await cluster.rooms.leave(attachment);
    await client.connection.reaffirm();
    expect(client.heard.at(-1)).toMatchObject({ id: 'renegotiate', reason: 'media-lost' });
  });
});

describe('a client of manycast.v1', () => {
  it('is given a token for each session before it offers, also for a second one on the same socket', async () => {
    const client = newClient({ speech: 'manycast.v1' });
    client.connection.welcome();
    client.say({ id: 'viewer', sdpOffer });
    expect(await client.response()).toMatchObject({ code: 'no-presenter' });
    client.say({ id: 'viewer', sdpOffer });
    await client.response(2);
    const welcomes = client.heard.flatMap(message => (message.id === 'welcome' ? [message.session] : []));
    expect(new Set(welcomes).size).toBe(2);
    expect(client.heard.map(({ id }) => id)).toEqual([
      'welcome',
      'viewerResponse',
      'welcome',
      'viewerResponse',
    ]);
  });

  it('is told to name its room in the address', () => {
    const client = newClient({ speech: 'manycast.v1' });
    client.say({ id: 'viewer', sdpOffer, room: 'elsewhere' });
    expect(client.heard).toEqual([
      expect.objectContaining({ id: 'error', code: 'invalid-message', field: 'room' }),
    ]);
  });
});
