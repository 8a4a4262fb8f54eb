import { RoomName } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { openStores } from '../support/cluster-stores.js';
import { Stage } from '../support/stage.js';

/** MANYCAST_MEDIA_TIMEOUT_MS of these nodes, and what it takes to notice and answer. */
const MEDIA_TIMEOUT_MS = 2_000;
const ANSWER_WITHIN_MS = MEDIA_TIMEOUT_MS + 2_000;

describe.each([{ nodes: 1 }, { nodes: 3 }])('a media server lost on $nodes node(s)', ({ nodes }) => {
  const stage = new Stage({
    nodes,
    mediaServers: 2,
    env: { MANYCAST_MEDIA_TIMEOUT_MS: String(MEDIA_TIMEOUT_MS) },
  });
  const present = (room: string) => ({ id: 'presenter', sdpOffer: stage.offers.presenter, room });
  const watch = (room: string) => ({ id: 'viewer', sdpOffer: stage.offers.viewer, room });

  /** Which of the media servers the room is on. */
  async function serverOf(room: string): Promise<number> {
    const stores = await openStores(stage.cluster.redis.url);
    const { media } = await stores.rooms.read(RoomName.parse(room));
    stores.close();
    return stage.cluster.gates.findIndex(({ url }) => url === media?.server);
  }

  it('killed under a live room: joins are answered, the presenter’s stop frees the room, its viewers are told', async () => {
    const room = stage.newRoom();
    const presenter = await stage.presenter(0, room);
    const viewer = await stage.viewer(1, room);
    const other = stage.newRoom();
    await stage.presenter(1, other);
    const lost = await serverOf(room);
    expect(await serverOf(other)).toBe(1 - lost);

    stage.cluster.media[lost]?.process.kill('SIGKILL');
    await stage.cluster.media[lost]?.process.exited;
    const late = await stage.wire(2);
    expect(await late.ask(watch(room), 'viewerResponse', ANSWER_WITHIN_MS)).toMatchObject({
      response: 'rejected',
      code: 'media-unavailable',
      message: expect.any(String),
    });
    await stage.viewer(2, other);

    presenter.stop();
    await viewer.wire.next('stopCommunication');
    expect(await late.ask(watch(room), 'viewerResponse')).toMatchObject({ code: 'no-presenter' });
    const answers = [];
    for (let round = 0; round < 4; round += 1) {
      const client = await stage.wire(round);
      answers.push(await client.ask(present(stage.newRoom()), 'presenterResponse', ANSWER_WITHIN_MS));
    }
    // Nobody knows yet that a server is dead: a new room may be put on it, and is then told so.
    for (const { response, code } of answers)
      expect(response === 'accepted' || code === 'media-unavailable').toBe(true);

    await stage.restartMedia(lost);
    for (let index = 0; index < nodes; index += 1) await stage.untilLinked(index);
    const again = await stage.wire(0);
    expect(await again.ask(present(room), 'presenterResponse')).toMatchObject({ response: 'accepted' });
    await stage.servesFreshBroadcast();
  });

  it('stuck, not dead: joins are answered within the deadline; what it does late is undone', async () => {
    const room = stage.newRoom();
    const presenter = await stage.wire(0);
    await presenter.ask(present(room), 'presenterResponse');
    const stuck = await serverOf(room);
    stage.cluster.media[stuck]?.process.kill('SIGSTOP');
    const clients = await Promise.all([0, 1, 2].map(index => stage.wire(index)));
    const askedAt = performance.now();
    const answers = await Promise.all(
      clients.map(client => client.ask(watch(room), 'viewerResponse', ANSWER_WITHIN_MS)),
    );
    expect(performance.now() - askedAt).toBeLessThan(ANSWER_WITHIN_MS);
    for (const answer of answers)
      expect(answer).toMatchObject({ response: 'rejected', code: 'media-unavailable' });
    stage.cluster.media[stuck]?.process.kill('SIGCONT');
    for (let index = 0; index < nodes; index += 1) await stage.untilLinked(index);
    await stage.untilFigures({ sessions: 1, pipelines: 1, endpoints: 1 });
    const viewer = await stage.wire(1);
    expect(await viewer.ask(watch(room), 'viewerResponse')).toMatchObject({ response: 'accepted' });
  });
});
