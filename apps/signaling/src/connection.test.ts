import { ResumeTokens, type RoomEvent } from '@manycast/core';
import { type MemoryCluster, memoryCluster } from '@manycast/core/contracts';
import {
  asNodeId,
  defaultRoom,
  type ServerMessage,
  type SessionId,
  SignalError,
  type Speech,
} from '@manycast/protocol';
import { createLogger, createRegistry } from '@manycast/runtime';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Carriers } from './carriers.js';
import { Connection } from './connection.js';
import { NodeMetrics } from './node-metrics.js';
import { newLimits, noIceServers, noLimits } from './testing/limits.js';

const sdpOffer = 'v=0\r\na=ice-ufrag:mine\r\n';
const candidate = { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 };

let cluster: MemoryCluster;
let media: MemoryCluster['media'];
let carriers: Carriers;
beforeEach(async () => {
  carriers = new Carriers();
  cluster = await memoryCluster();
  ({ media } = cluster);
});

/** A client of a node: says messages, keeps what it hears. */
function newClient({ maxErrors = 3, speech = 'tutorial' as Speech } = {}) {
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
      carriers,
      metrics: new NodeMetrics(createRegistry()),
      log: createLogger({ name: 'test', level: 'silent' }),
      limits: { ...noLimits, maxCandidates: 5, maxSessions: 5, maxErrors },
      brakes: newLimits(),
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
      if (!isCarried) first.connection.supersede();
      throw new SignalError('unavailable');
    };
    const second = newClient({ speech: 'manycast.v1' });
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

  it('[R-OWN-1] leaves it alone when another socket of this node carries it', async () => {
    const session = await halfResumed(true);
    await cluster.undo.settled();
    expect(await session()).toMatchObject({ epoch: 2, detachedAtMs: null });
    expect(cluster.scheduled).toEqual([]);
  });
});

describe('a client that resumes before it had joined', () => {
  it('[R-BUS-1] is told nothing that happened before, and nothing as lost', async () => {
    const first = newClient({ speech: 'manycast.v1' });
    first.connection.welcome();
    const { publish } = media;
    media.publish = () => new Promise(() => {});
    first.say({ id: 'presenter', sdpOffer });
    await vi.waitFor(async () =>
      expect(await cluster.rooms.summary(defaultRoom)).toMatchObject({ state: 'starting' }),
    );
    media.publish = publish;
    const [welcome] = first.heard;
    if (welcome?.id !== 'welcome') throw new Error('not welcomed');
    const second = newClient({ speech: 'manycast.v1' });
    second.say({ id: 'resume', resumeToken: welcome.resumeToken, seq: 0 });
    await vi.waitFor(() =>
      expect(second.heard[0]).toMatchObject({ id: 'resumed', events: [], renegotiate: true }),
    );
    second.say({ id: 'presenter', sdpOffer });
    await second.response();
    await vi.waitFor(() => expect(second.heard.map(({ id }) => id)).toContain('room'));
    expect(second.heard.map(({ id }) => id)).not.toContain('gap');
  });
});

describe('a session that two sockets resume at a time', () => {
  async function twoResumes() {
    const first = newClient({ speech: 'manycast.v1' });
    first.connection.welcome();
    first.say({ id: 'presenter', sdpOffer });
    await first.response();
    const [welcome] = first.heard;
    if (welcome?.id !== 'welcome') throw new Error('not welcomed');
    const resume = { id: 'resume', resumeToken: welcome.resumeToken, seq: 1 };
    let letGoOn = () => {};
    const { adopt } = media;
    const isHeldUp = new Promise<void>(resolve => {
      media.adopt = async order => {
        media.adopt = adopt;
        resolve();
        await new Promise<void>(goOn => {
          letGoOn = goOn;
        });
        return adopt.call(media, order);
      };
    });
    const slow = newClient({ speech: 'manycast.v1' });
    slow.say(resume);
    await isHeldUp;
    return { slow, resume, session: welcome.session as SessionId, letGoOn: () => letGoOn() };
  }

  it('[R-OWN-1] on one node: the newer attachment wins, also when it is answered first', async () => {
    const { slow, resume, letGoOn } = await twoResumes();
    const quick = newClient({ speech: 'manycast.v1' });
    quick.say(resume);
    await vi.waitFor(() => expect(quick.heard[0]).toMatchObject({ id: 'resumed' }));
    letGoOn();
    await vi.waitFor(() => expect(slow.closes).toEqual(['superseded']));
    expect([slow.heard, quick.closes]).toEqual([[], []]);
    expect(quick.connection.present).toBeDefined();
  });

  it('[R-OWN-1] on two nodes: the older one is not told that it was resumed', async () => {
    const { slow, session, letGoOn } = await twoResumes();
    await cluster.rooms.attach({
      ...{ room: defaultRoom, session, node: asNodeId('node-2') },
      ...{ tokenEpoch: 2, seq: 0 },
    });
    carriers.hear({ type: 'superseded', room: defaultRoom, session, epoch: 3 });
    letGoOn();
    await vi.waitFor(() => expect(slow.closes).toEqual(['superseded']));
    expect(slow.heard).toEqual([]);
  });
});

describe('a session that is expelled', () => {
  it('is told why, and its socket is closed for good', async () => {
    const client = newClient({ speech: 'manycast.v1' });
    client.say({ id: 'presenter', sdpOffer });
    await client.response();
    const session = (await cluster.rooms.read(defaultRoom)).presenter as never;
    carriers.hear({ type: 'expelled', room: defaultRoom, session, epoch: 0, reason: 'kicked' });
    expect(client.closes).toEqual([]);
    carriers.hear({ type: 'expelled', room: defaultRoom, session, epoch: 1, reason: 'kicked' });
    expect(client.heard).toContainEqual(expect.objectContaining({ id: 'error', code: 'kicked' }));
    expect(client.closes).toEqual(['kicked']);
    await vi.waitFor(async () =>
      expect(await cluster.rooms.read(defaultRoom)).toMatchObject({ state: 'ended' }),
    );
  });
});

describe('a presenter that is expelled', () => {
  it('hears why, not that it should offer again, although its broadcast has ended before', async () => {
    const client = newClient({ speech: 'manycast.v1' });
    client.say({ id: 'presenter', sdpOffer });
    await client.response();
    const session = (await cluster.rooms.read(defaultRoom)).presenter as never;
    await cluster.rooms.leave({ room: defaultRoom, session, node: cluster.node, epoch: 1 });
    await new Promise(setImmediate);
    carriers.hear({ type: 'expelled', room: defaultRoom, session, epoch: 1, reason: 'room-closed' });
    expect(client.closes).toEqual(['room-closed']);
    expect(client.heard.map(({ id }) => id)).not.toContain('renegotiate');
  });
});

describe('a session whose media is lost', () => {
  it('[R-KMS-2] is told to offer again, unless it has built newer media since', async () => {
    const client = newClient({ speech: 'manycast.v1' });
    client.say({ id: 'presenter', sdpOffer });
    await client.response();
    const { presenter: session, generation } = await cluster.rooms.read(defaultRoom);
    const lost = { type: 'media-lost', room: defaultRoom, session: session as never, epoch: 1 } as const;
    carriers.hear({ ...lost, generation: generation - 1 });
    expect(client.heard.map(({ id }) => id)).not.toContain('renegotiate');
    carriers.hear({ ...lost, generation });
    expect(client.heard).toContainEqual(expect.objectContaining({ id: 'renegotiate', reason: 'media-lost' }));
  });
});

describe('a presenter whose broadcast is ended by others', () => {
  it('[R-KMS-2] is told to offer again, and may begin another', { timeout: 20_000 }, async () => {
    const client = newClient({ speech: 'manycast.v1' });
    client.say({ id: 'presenter', sdpOffer });
    await client.response();
    const { presenter: session, generation } = await cluster.rooms.read(defaultRoom);
    await cluster.rooms.lose({ room: defaultRoom, generation, graceMs: 0 });
    const lost = await cluster.rooms.read(defaultRoom);
    const ended = await cluster.rooms.endAbandoned({
      ...{ room: defaultRoom, generation: lost.generation, isOverdue: true },
    });
    expect(ended).toMatchObject({ status: 'ended' });
    await vi.waitFor(
      () =>
        expect(client.heard).toContainEqual(
          expect.objectContaining({ id: 'renegotiate', reason: 'media-lost' }),
        ),
      { timeout: 10_000 },
    );
    client.say({ id: 'presenter', sdpOffer });
    await vi.waitFor(async () =>
      expect(await cluster.rooms.read(defaultRoom)).toMatchObject({ state: 'live', presenter: session }),
    );
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
    expect(client.heard).toContainEqual(expect.objectContaining({ id: 'renegotiate', reason: 'media-lost' }));
  });
});

describe('a viewer that offers again', () => {
  it('[R-OWN-3] has no part in the next broadcast when it is told meanwhile that its own is over', async () => {
    let isBusLate = false;
    const late = new Set<RoomEvent>();
    let tellLast: (event: RoomEvent) => void = () => {};
    const { enter } = cluster.served;
    cluster.served.enter = (room, listener) => {
      tellLast = listener;
      return enter.call(cluster.served, room, event => {
        if (isBusLate) late.add(event);
        else listener(event);
      });
    };
    const [former, next] = [newClient(), newClient()];
    const client = newClient({ speech: 'manycast.v1' });
    former.say({ id: 'presenter', sdpOffer });
    await former.response();
    client.say({ id: 'viewer', sdpOffer });
    await client.response();

    isBusLate = true;
    former.say({ id: 'stop' });
    await vi.waitFor(() => expect(media.pipelines.size).toBe(0));
    await client.connection.reaffirm();
    next.say({ id: 'presenter', sdpOffer });
    await next.response();
    const { view } = media;
    media.view = async order => {
      const viewed = await view.call(media, order);
      for (const event of late) tellLast(event);
      return viewed;
    };
    client.say({ id: 'viewer', sdpOffer });
    await vi.waitFor(() =>
      expect(client.heard).toContainEqual(expect.objectContaining({ id: 'stopCommunication' })),
    );
    await vi.waitFor(async () => {
      const { sessions, presenter } = await cluster.rooms.read(defaultRoom);
      expect([...sessions.keys()]).toEqual([presenter]);
      expect([...media.pipelines.values()].map(({ size }) => size)).toEqual([1]);
    });
  });
});

describe('a store that has lost its data', () => {
  async function present() {
    const client = newClient({ speech: 'manycast.v1' });
    client.connection.welcome();
    client.say({ id: 'presenter', sdpOffer });
    await client.response();
    const before = await cluster.rooms.read(defaultRoom);
    return { client, before, session: before.presenter as SessionId };
  }

  it('[R-REDIS-2] is told what the node carries', async () => {
    const { client, before, session } = await present();
    cluster.rooms.clear();
    await client.connection.putBack();
    const after = await cluster.rooms.read(defaultRoom);
    expect(after).toMatchObject({ state: 'live', presenter: session, generation: before.generation });
    expect(after.sessions).toEqual(before.sessions);
    expect(await cluster.pool.reservations()).toMatchObject([{ generation: before.generation }]);
  });

  it.each(['leave', 'restore'] as const)(
    '[R-OWN-3] a client that leaves while it is put back is gone, also when its %s comes first',
    async first => {
      const { client } = await present();
      cluster.rooms.clear();
      const { restore } = cluster.rooms;
      cluster.rooms.restore = async order => {
        const status = first === 'restore' ? await restore.call(cluster.rooms, order) : undefined;
        client.say({ id: 'leave' });
        await vi.waitFor(() => expect(media.pipelines.size).toBe(0));
        return status ?? restore.call(cluster.rooms, order);
      };
      await client.connection.putBack();
      expect(await cluster.rooms.summary(defaultRoom)).toMatchObject({ state: 'ended' });
    },
  );

  it('[R-OWN-3] a client whose socket drops while it is put back begins its grace period', async () => {
    const { client, session } = await present();
    cluster.rooms.clear();
    const { restore } = cluster.rooms;
    cluster.rooms.restore = async order => {
      await client.connection.end();
      return restore.call(cluster.rooms, order);
    };
    await client.connection.putBack();
    expect((await cluster.rooms.session(defaultRoom, session))?.detachedAtMs).not.toBeNull();
    expect(cluster.scheduled).toMatchObject([{ session }]);
  });

  it('[R-ROOM-1] whoever lost the room to another broadcast offers again', async () => {
    const { client } = await present();
    cluster.rooms.clear();
    const rival = newClient();
    rival.say({ id: 'presenter', sdpOffer });
    await rival.response();
    await client.connection.putBack();
    expect(client.heard).toContainEqual(expect.objectContaining({ id: 'renegotiate', reason: 'media-lost' }));
  });

  it('[R-OWN-2] tells a client that resumes meanwhile to try again, and keeps one that had just resumed', async () => {
    const { client, session } = await present();
    const [welcome] = client.heard;
    if (welcome?.id !== 'welcome') throw new Error('not welcomed');
    await client.connection.end();
    const resume = { id: 'resume', resumeToken: welcome.resumeToken, seq: 1 };

    const { adopt } = media;
    media.adopt = async order => {
      cluster.rooms.clear();
      Object.assign(cluster.losses, { count: 1, isRecent: true });
      return adopt.call(media, order);
    };
    const second = newClient({ speech: 'manycast.v1' });
    second.say(resume);
    await vi.waitFor(() => expect(second.heard).toContainEqual(expect.objectContaining({ id: 'resumed' })));
    await cluster.undo.settled();
    expect(await cluster.rooms.session(defaultRoom, session)).toMatchObject({ epoch: 2, detachedAtMs: null });

    cluster.rooms.clear();
    const third = newClient({ speech: 'manycast.v1' });
    third.say(resume);
    await vi.waitFor(() =>
      expect(third.heard).toEqual([expect.objectContaining({ id: 'resumeRejected', code: 'unavailable' })]),
    );
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
