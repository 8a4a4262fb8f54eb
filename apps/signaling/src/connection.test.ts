import { ResumeTokens } from '@manycast/core';
import { type MemoryCluster, memoryCluster } from '@manycast/core/contracts';
import { defaultRoom, type ServerMessage, SignalError, type Speech } from '@manycast/protocol';
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
function newClient({ maxErrors = 3, speech = 'tutorial' as Speech } = {}) {
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
