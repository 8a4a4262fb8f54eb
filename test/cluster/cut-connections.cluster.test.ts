import { RoomName } from '@manycast/protocol';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { openStores } from '../support/cluster-stores.js';
import { printFigure } from '../support/figures.js';
import { Stage } from '../support/stage.js';
import { waitFor } from '../support/wait-for.js';

/** Joins under way at a time while connections are being cut. */
const JOINS = 40;
const CUTS = 5;

describe.each([{ nodes: 1 }, { nodes: 3 }])('connections cut on $nodes node(s)', ({ nodes }) => {
  const stage = new Stage({ nodes });

  /** Ends connections of nodes to Redis from Redis’s side. */
  async function cutRedis(...types: ('normal' | 'pubsub')[]) {
    const redis = new Redis(stage.cluster.redis.url);
    for (const type of types) await redis.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
    redis.disconnect();
  }

  it('[R-ROOM-4] viewers are told of the end although the bus was cut when it came', async () => {
    const room = stage.newRoom();
    const presenter = await stage.presenter(0, room);
    const viewers = await Promise.all([1, 2].map(index => stage.viewer(index, room)));
    await cutRedis('pubsub');
    presenter.stop();
    for (const { wire } of viewers) await wire.next('stopCommunication');
    await stage.untilFigures({ sessions: 0, pipelines: 0, endpoints: 0 });
    for (const { wire } of viewers) {
      await wire.barrier();
      expect(wire.all('stopCommunication')).toHaveLength(1);
    }
  });

  it('[R-ROOM-3] viewers that wait hear that the presenter is there although the bus was cut when it came', async () => {
    const room = stage.newRoom();
    const [gate] = stage.cluster.gates;
    gate?.hold('request', /"MediaPipeline"/);
    const presenter = await stage.wire(0);
    presenter.send({ id: 'presenter', sdpOffer: stage.offers.presenter, room });
    await gate?.untilHeld();
    const viewer = await stage.wire(1);
    viewer.send({ id: 'viewer', sdpOffer: stage.offers.viewer, room });
    await stage.untilFigures({ sessions: 2 });
    await viewer.barrier();
    await cutRedis('pubsub');
    gate?.open();
    expect(await viewer.next('viewerResponse', 5_000)).toMatchObject({ response: 'accepted' });
  });

  it.each(['Redis', 'media server'] as const)(
    'to the %s in the middle of many joins: every join is answered, nothing is left of any',
    async what => {
      const rooms = Array.from({ length: 4 }, () => stage.newRoom());
      const presenters = await Promise.all(rooms.map((_, index) => stage.wire(index)));
      const viewers = await Promise.all(Array.from({ length: JOINS }, (_, index) => stage.wire(index)));
      const outcomes = new Map<string, number>();
      for (let cut = 0; cut < CUTS; cut += 1) {
        // Also the first time: the case before has cut connections.
        await untilServing();
        await Promise.all(
          presenters.map(async (client, index) => {
            const offer = { id: 'presenter', sdpOffer: stage.offers.presenter, room: rooms[index] };
            expect(await client.ask(offer, 'presenterResponse')).toMatchObject({ response: 'accepted' });
          }),
        );
        let answered = 0;
        const joining = viewers.map(async (client, index) => {
          const room = rooms[index % rooms.length];
          const offer = { id: 'viewer', sdpOffer: stage.offers.viewer, room };
          const { response, code } = await client.ask(offer, 'viewerResponse', 15_000);
          answered += 1;
          return code ?? response;
        });
        // Each time with more of them behind it: everything that can be under way is hit once.
        await waitFor('the first joins', () => answered >= (cut * JOINS) / CUTS, { intervalMs: 1 });
        if (what === 'Redis') await cutRedis('normal', 'pubsub');
        else stage.cluster.gates[0]?.cut();
        for (const outcome of await Promise.all(joining))
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      await untilServing();
      printFigure(
        `${JOINS * CUTS} joins while connections to the ${what} are cut`,
        [...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', '),
      );
      expect([...outcomes.keys()]).not.toContain('internal');
      expect(outcomes.get('accepted')).toBeGreaterThan(0);
      for (const client of [...viewers, ...presenters]) client.ws.close();
      await stage.untilFigures({ sessions: 0, pipelines: 0, endpoints: 0 }, 10_000);
      await expectFree(rooms);
      await stage.servesFreshBroadcast();
    },
  );

  async function untilServing(): Promise<void> {
    for (let index = 0; index < nodes; index += 1) {
      await stage.untilReady(index);
      await stage.untilLinked(index);
    }
  }
  async function expectFree(rooms: string[]): Promise<void> {
    const stores = await openStores(stage.cluster.redis.url);
    try {
      for (const room of rooms) {
        await waitFor(`${room} to be free`, async () => {
          const { state, sessions } = await stores.rooms.read(RoomName.parse(room));
          return state === 'ended' && sessions.size === 0;
        });
      }
      await waitFor('the promises of the pool to be given back', async () =>
        (await stores.pool.read()).every(server => server.reserved === 0),
      );
    } finally {
      stores.close();
    }
  }
});
