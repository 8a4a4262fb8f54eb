import { dialects, RoomName } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { openStores } from '../support/cluster-stores.js';
import { printFigure } from '../support/figures.js';
import { Stage } from '../support/stage.js';
import { waitFor } from '../support/wait-for.js';

const ROOMS = 100;
const CLAIMS_PER_ROOM = 10;

describe('races between two nodes', () => {
  const stage = new Stage({ nodes: 2, mediaServers: 2 });

  it('[R-ROOM-1] of 1,000 presenter claims for 100 rooms exactly 100 are accepted, and all of it goes again', async () => {
    const rooms = Array.from({ length: ROOMS }, () => stage.newRoom());
    const claims = await Promise.all(
      Array.from({ length: ROOMS * CLAIMS_PER_ROOM }, async (_, index) => ({
        client: await stage.wire(index),
        // Both nodes claim every room: neighbours in the list are on different nodes.
        room: rooms[Math.floor(index / CLAIMS_PER_ROOM)] as string,
      })),
    );
    const order = shuffled(claims);
    const startedAt = performance.now();
    for (const { client, room } of order)
      client.send({ id: 'presenter', sdpOffer: stage.offers.presenter, room });
    await waitFor('every claim to be answered', () => claims.every(({ client }) => client.ids.length > 0), {
      timeoutMs: 40_000,
      actual: () => claims.filter(({ client }) => client.ids.length === 0).length,
    });
    const tookMs = performance.now() - startedAt;

    const responses = claims.map(({ client }) => client.all('presenterResponse'));
    expect(responses.every(list => list.length === 1)).toBe(true);
    const accepted = responses.filter(([response]) => response.response === 'accepted').length;
    const texts = responses.flat().filter(({ response }) => response === 'rejected');
    printFigure(
      'presenter claims',
      `${claims.length} on ${stage.cluster.nodes.length} nodes for ${ROOMS} rooms: ${accepted} accepted, ${texts.length} rejected, ${Math.round(tookMs)} ms`,
    );
    expect({ accepted, rejected: texts.length }).toEqual({ accepted: 100, rejected: 900 });
    expect(new Set(texts.map(({ message }) => message))).toEqual(
      new Set([dialects['/one2many']['presenter-exists']]),
    );
    for (const room of rooms) {
      const inRoom = claims.filter(claim => claim.room === room);
      expect(inRoom.filter(({ client }) => client.received[0].response === 'accepted')).toHaveLength(1);
    }
    await stage.untilFigures({ sessions: 100, pipelines: 100, endpoints: 100 });

    const leavingAt = performance.now();
    for (const [index, { client }] of claims.entries()) {
      if (index % 2) client.send({ id: 'stop' });
      else client.ws.close();
    }
    await stage.untilFigures({ sessions: 0, pipelines: 0, endpoints: 0 });
    printFigure('100 rooms left', `${Math.round(performance.now() - leavingAt)} ms until nothing remained`);
    await expectFree(rooms);
  });

  it('viewers who join while the presenter stops are rejected, or accepted and told of the end once', async () => {
    const counted = { accepted: 0, rejected: 0 };
    for (let round = 0; round < 5; round += 1) {
      const room = stage.newRoom();
      const presenter = await stage.wire(round);
      const offer = { id: 'presenter', sdpOffer: stage.offers.presenter, room };
      expect(await presenter.ask(offer, 'presenterResponse')).toMatchObject({ response: 'accepted' });
      const viewers = await Promise.all(Array.from({ length: 20 }, (_, index) => stage.wire(index)));
      for (const viewer of viewers) viewer.send({ id: 'viewer', sdpOffer: stage.offers.viewer, room });
      await viewers[0]?.next('viewerResponse');
      presenter.send({ id: 'stop' });
      const responses = await Promise.all(
        viewers.map(async viewer => viewer.all('viewerResponse')[0] ?? (await viewer.next('viewerResponse'))),
      );
      await stage.untilFigures({ sessions: 0, pipelines: 0, endpoints: 0 });
      for (const [index, viewer] of viewers.entries()) {
        await viewer.barrier();
        const { response } = responses[index];
        counted[response as keyof typeof counted] += 1;
        expect(viewer.all('viewerResponse')).toHaveLength(1);
        expect(viewer.all('stopCommunication')).toHaveLength(response === 'accepted' ? 1 : 0);
        const last = viewer.ids.filter(id => id !== 'error').at(-1);
        expect(last).toBe(response === 'accepted' ? 'stopCommunication' : 'viewerResponse');
      }
      await expectFree([room]);
    }
    printFigure(
      'viewers joining while the presenter stops',
      `${counted.accepted} accepted and told, ${counted.rejected} rejected`,
    );
  });

  it('sockets that all close in the middle of their joins leave nothing', async () => {
    const rooms = Array.from({ length: 10 }, () => stage.newRoom());
    const clients = await Promise.all(Array.from({ length: 60 }, (_, index) => stage.wire(index)));
    for (const [index, client] of clients.entries()) {
      const room = rooms[index % rooms.length];
      if (index < 20) client.send({ id: 'presenter', sdpOffer: stage.offers.presenter, room });
      else client.send({ id: 'viewer', sdpOffer: stage.offers.viewer, room });
    }
    await Promise.race(clients.map(client => client.next('presenterResponse')));
    for (const client of clients) client.ws.terminate();
    await stage.untilFigures({ sockets: 0, sessions: 0, pipelines: 0, endpoints: 0 });
    await expectFree(rooms);
  });

  /** In Redis too: no room is taken, and nothing is promised on a media server. */
  async function expectFree(rooms: string[]): Promise<void> {
    const stores = await openStores(stage.cluster.redis.url);
    try {
      await waitFor('the promises of the pool to be given back', async () =>
        (await stores.pool.read()).every(server => server.reserved === 0),
      );
      for (const room of rooms) {
        const view = await stores.rooms.read(RoomName.parse(room));
        expect(view).toMatchObject({ state: 'ended', presenter: null, sessions: new Map() });
      }
    } finally {
      stores.close();
    }
  }
});

function shuffled<T>(items: T[]): T[] {
  return items
    .map(item => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
