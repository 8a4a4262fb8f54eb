import { ResumeTokens } from '@manycast/core';
import { type MemoryCluster, memoryCluster } from '@manycast/core/contracts';
import { defaultRoom, type ServerMessage, type Speech } from '@manycast/protocol';
import { createLogger, createRegistry } from '@manycast/runtime';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Carriers } from './carriers.js';
import { Connection } from './connection.js';
import { NodeMetrics } from './node-metrics.js';
import { newLimits, noIceServers, noLimits } from './testing/limits.js';

const log = createLogger({ name: 'test', level: 'silent' });
const clientCount = 3;
const sdpOffer = 'v=0\r\na=ice-ufrag:mine\r\n';
const candidate = { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 };

/** What a client may do next, whatever it did before: right, wrong, out of order, or gone. */
const frames: string[] = [
  ...[
    { id: 'presenter', sdpOffer },
    { id: 'viewer', sdpOffer },
    { id: 'viewer', sdpOffer, room: 'elsewhere' },
    { id: 'onIceCandidate', candidate },
    { id: 'stop' },
    { id: 'leave' },
    { id: 'ping' },
    { id: 'authorize', token: 'x' },
    { id: 'chat', text: 'hello', clientId: 'c' },
    { id: 'resume', resumeToken: 'x.y', seq: 0 },
    { id: 'presenter' },
    { id: 'onIceCandidate', candidate: null },
    { id: 'unknown' },
  ].map(message => JSON.stringify(message)),
  '{bad',
  '',
  '[]',
];
type Step =
  | { do: 'say'; frame: number }
  | {
      do: 'resume-own' | 'resume-other' | 'binary' | 'drop' | 'go-away' | 'abandon' | 'reaffirm' | 'let-run';
    };
const step = fc.oneof(
  { weight: 6, arbitrary: fc.nat(frames.length - 1).map((frame): Step => ({ do: 'say', frame })) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(
        'resume-own',
        'resume-other',
        'binary',
        'drop',
        'go-away',
        'abandon',
        'reaffirm',
        'let-run',
      )
      .map((what): Step => ({ do: what }) as Step),
  },
);
const story = fc.array(fc.record({ client: fc.nat(clientCount - 1), step }), { minLength: 1, maxLength: 40 });

class Actor {
  heard: ServerMessage[] = [];
  /** Of its former sockets: when the store knows. */
  readonly gone: Promise<void>[] = [];
  connection: Connection;
  constructor(
    private readonly speech: Speech,
    private readonly open: (speech: Speech, heard: ServerMessage[]) => Connection,
  ) {
    this.connection = this.open(this.speech, this.heard);
    this.connection.welcome();
  }

  get resumeToken(): string | undefined {
    const token = this.heard.findLast(message => 'resumeToken' in message);
    return token && 'resumeToken' in token ? token.resumeToken : undefined;
  }

  /** Its socket is gone; it opens another. */
  async drop(how: 'end' | 'abandon'): Promise<void> {
    const former = this.connection;
    this.connection = this.open(this.speech, this.heard);
    this.connection.welcome();
    this.gone.push(former[how]());
  }
}

async function newStage() {
  const cluster: MemoryCluster = await memoryCluster({ presenterWaitMs: 20 });
  const metrics = new NodeMetrics(createRegistry());
  const brakes = newLimits({}, metrics);
  const carriers = new Carriers();
  const open = (speech: Speech, heard: ServerMessage[]) =>
    new Connection(
      {
        send: message => void heard.push(message),
        tell: message => heard.push(message) > 0,
        close: () => {},
      },
      { path: '/one2many', speech, room: defaultRoom, address: '192.0.2.1' },
      {
        cluster,
        tokens: new ResumeTokens('a secret of this test'),
        nodeAddresses: () => [],
        iceServers: noIceServers,
        clientHeartbeatMs: 1_000,
        carriers,
        metrics,
        log,
        limits: noLimits,
        brakes,
      },
    );
  return { cluster, metrics, open };
}

const turn = () => new Promise(resolve => setImmediate(resolve));

it('no sequence of messages crashes a node, leaves anything behind, or gives a room two presenters', async () => {
  await fc.assert(
    fc.asyncProperty(story, async steps => {
      const { cluster, metrics, open } = await newStage();
      const actors = Array.from(
        { length: clientCount },
        (_, index) => new Actor(index === 0 ? 'tutorial' : 'manycast.v1', open),
      );
      for (const { client, step: next } of steps) {
        const actor = actors[client] as Actor;
        switch (next.do) {
          case 'say':
            actor.connection.receive(frames[next.frame] as string);
            break;
          case 'resume-own':
          case 'resume-other': {
            const from = next.do === 'resume-own' ? actor : actors[(client + 1) % clientCount];
            const { resumeToken = 'none' } = from ?? {};
            actor.connection.receive(JSON.stringify({ id: 'resume', resumeToken, seq: 0 }));
            break;
          }
          case 'binary':
            actor.connection.receiveBinary();
            break;
          case 'drop':
            await actor.drop('end');
            break;
          case 'abandon':
            await actor.drop('abandon');
            break;
          case 'go-away':
            actor.connection.goAway(10);
            break;
          case 'reaffirm':
            await actor.connection.reaffirm();
            break;
          case 'let-run':
            for (let turns = 0; turns < 20; turns += 1) await turn();
        }
        const view = await cluster.rooms.read(defaultRoom);
        const presenters = [...view.sessions.values()].filter(({ role }) => role === 'presenter');
        expect(presenters.length).toBeLessThanOrEqual(1);
      }
      for (const actor of actors) await Promise.all([...actor.gone, actor.connection.end()]);
      await cluster.undo.settled();
      // Who may come back is waited for; nobody does.
      for (let left = true; left; ) {
        left = false;
        for (const { room, session, epoch } of cluster.scheduled.splice(0)) {
          const found = await cluster.rooms.session(room, session);
          if (!found) continue;
          left = true;
          await cluster.rooms.leave({ room, session, node: found.node, epoch: found.epoch });
          expect(found.epoch).toBeGreaterThanOrEqual(epoch);
        }
      }
      await cluster.undo.settled();
      expect(metrics.sessionCount).toBe(0);
      expect((await cluster.rooms.read(defaultRoom)).sessions.size).toBe(0);
      expect(actors[0]?.heard.filter(({ id }) => !tutorialIds.has(id))).toEqual([]);
      expect(cluster.givenUp).toEqual([]);
    }),
    { numRuns: 80 },
  );
}, 240_000);

/** Only these are ever sent to a page of the tutorial. */
const tutorialIds: ReadonlySet<string> = new Set([
  'presenterResponse',
  'viewerResponse',
  'iceCandidate',
  'stopCommunication',
  'error',
]);
