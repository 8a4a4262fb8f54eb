import { dialects, type SignalingPath } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { Stage } from '../support/stage.js';

/** Every media object of a room is gone after this (R-ROOM-4). */
const GONE_WITHIN_MS = 1_000;
const paths = Object.keys(dialects) as SignalingPath[];

describe.each([{ nodes: 1 }, { nodes: 3 }])('a broadcast on $nodes node(s)', ({ nodes }) => {
  const stage = new Stage({ nodes, mediaServers: 1 });

  it('[R-ROOM-4] reaches three viewers on other nodes and a late one; its end is told each of them once', async () => {
    const room = stage.newRoom();
    const presenter = await stage.presenter(0, room);
    const viewers = await Promise.all([1, 2, 3].map(index => stage.viewer(index, room)));
    const late = await stage.viewer(1, room);
    await stage.untilFigures({ sessions: 5, pipelines: 1, endpoints: 5 });

    presenter.stop();
    await stage.untilFigures({ sessions: 0, pipelines: 0, endpoints: 0 }, GONE_WITHIN_MS);
    for (const { wire } of [...viewers, late]) {
      await wire.barrier();
      expect(wire.all('stopCommunication')).toHaveLength(1);
      expect(wire.all('error')).toEqual([]);
    }
    await presenter.wire.barrier();
    expect(presenter.wire.all('stopCommunication')).toEqual([]);
    expect(presenter.wire.all('error')).toEqual([]);
  });

  it('[R-ROOM-4] ends when the presenter’s socket closes without a stop', async () => {
    const room = stage.newRoom();
    const presenter = await stage.presenter(0, room);
    const viewer = await stage.viewer(1, room);
    await presenter.close();
    await viewer.wire.next('stopCommunication');
    await stage.untilFigures({ sessions: 0, pipelines: 0, endpoints: 0 }, GONE_WITHIN_MS);
  });

  it('[R-ROOM-4] ends when the presenter’s process dies', async () => {
    const room = stage.newRoom();
    const presenter = await stage.presenter(0, room);
    const viewer = await stage.viewer(1, room);
    await presenter.wire.drop();
    await viewer.wire.next('stopCommunication');
    await stage.untilFigures({ sessions: 0, pipelines: 0, endpoints: 0 }, GONE_WITHIN_MS);
  });

  it.each(['stop', 'close', 'drop'] as const)(
    '[R-ROOM-5] nobody notices a viewer that leaves by %s; its endpoint goes',
    async way => {
      const room = stage.newRoom();
      const presenter = await stage.presenter(0, room);
      const stays = await stage.viewer(1, room);
      const leaves = await stage.viewer(2, room);
      if (way === 'stop') leaves.stop();
      else await leaves.wire[way]();
      await stage.untilFigures({ sessions: 2, endpoints: 2 }, GONE_WITHIN_MS);
      await stays.untilSeen();
      for (const { wire } of [presenter, stays]) {
        await wire.barrier();
        expect(wire.ids.filter(id => !['iceCandidate', 'error'].includes(id))).toHaveLength(1);
        expect(wire.all('error')).toEqual([]);
      }
    },
  );

  it.each(paths)('[R-ROOM-1] a second presenter is rejected in the words of %s', async path => {
    const room = stage.newRoom();
    await stage.presenter(0, room);
    const viewer = await stage.viewer(2, room);
    const second = await stage.page(1, path);
    expect(await second.present(room)).toEqual({
      id: 'presenterResponse',
      response: 'rejected',
      message: dialects[path]['presenter-exists'],
      code: 'presenter-exists',
    });
    await viewer.untilSeen();
    await second.wire.barrier();
    expect(second.wire.all('iceCandidate')).toEqual([]);
  });

  it.each(paths)('a viewer without a presenter is rejected in the words of %s', async path => {
    const page = await stage.page(1, path);
    expect(await page.watch(stage.newRoom())).toEqual({
      id: 'viewerResponse',
      response: 'rejected',
      message: dialects[path]['no-presenter'],
      code: 'no-presenter',
    });
  });

  it('clients that name no room meet in the default room, whichever path they opened', async () => {
    const presenter = await stage.page(0, '/one2many');
    await presenter.broadcast();
    const viewer = await stage.page(1, '/call');
    expect(await viewer.watch()).toMatchObject({ response: 'accepted' });
    await viewer.untilSeen();
  });

  it('[R-ROOM-3] viewers that come while the presenter is being set up wait for it', async () => {
    const { cluster } = stage;
    const room = stage.newRoom();
    cluster.gates[0]?.hold('request', /"role","value":"presenter"|processOffer/);
    const presenter = await stage.page(0);
    const presenting = presenter.present(room);
    await cluster.gates[0]?.untilHeld();
    const viewers = await Promise.all([1, 2].map(index => stage.page(index)));
    const watching = viewers.map(viewer => viewer.watch(room));
    await stage.untilFigures({ sessions: 3 });
    await Promise.all(viewers.map(({ wire }) => wire.barrier()));
    expect(viewers.flatMap(({ wire }) => wire.all('viewerResponse'))).toEqual([]);

    cluster.gates[0]?.open();
    expect(await presenting).toMatchObject({ response: 'accepted' });
    for (const response of await Promise.all(watching)) {
      expect(response).toMatchObject({ response: 'accepted' });
    }
  });

  it('[R-ROOM-3] viewers that waited for a presenter who gave up are told that there is none', async () => {
    const { cluster } = stage;
    const room = stage.newRoom();
    cluster.gates[0]?.hold('request', /processOffer/);
    const presenter = await stage.page(0);
    const presenting = presenter.present(room).catch(() => 'unanswered');
    await cluster.gates[0]?.untilHeld();
    const viewer = await stage.page(1);
    const watching = viewer.watch(room);
    await stage.untilFigures({ sessions: 2 });
    await presenter.close();
    expect(await watching).toMatchObject({ response: 'rejected', code: 'no-presenter' });
    cluster.gates[0]?.open();
    void presenting;
  });

  it('a room can be used again, by others and by the same sockets', async () => {
    const room = stage.newRoom();
    const first = await stage.presenter(0, room);
    const viewer = await stage.viewer(1, room);
    first.stop();
    await viewer.wire.next('stopCommunication');
    const second = await stage.presenter(2, room);
    expect(await viewer.watch(room)).toMatchObject({ response: 'accepted' });
    await viewer.untilSeen();
    expect(await first.watch(room)).toMatchObject({ response: 'accepted' });
    await first.untilSeen();
    second.stop();
    await viewer.wire.next('stopCommunication');
    await first.wire.next('stopCommunication');
  });
});

describe('rooms on two media servers', () => {
  const stage = new Stage({ nodes: 2, mediaServers: 2 });

  it('[R-ROOM-2] are spread over both and never mixed: each viewer sees its own presenter alone', async () => {
    const rooms = Array.from({ length: 4 }, () => stage.newRoom());
    const presenters = await Promise.all(rooms.map((room, index) => stage.presenter(index, room)));
    const viewers = await Promise.all(rooms.map((room, index) => stage.viewer(index + 1, room)));
    const pipelines = await Promise.all(stage.cluster.media.map(media => stage.cluster.pipelinesOn(media)));
    expect(pipelines).toEqual([2, 2]);

    for (const [index, presenter] of presenters.entries()) {
      presenter.peer?.stopSending();
      await viewers[index]?.untilSilent();
      for (const other of viewers.slice(index + 1)) await other.untilSeen();
    }
    presenters[0]?.stop();
    await viewers[0]?.wire.next('stopCommunication');
    await stage.untilFigures({ pipelines: 3, sessions: 6, endpoints: 6 });
    for (const { wire } of viewers.slice(1)) {
      await wire.barrier();
      expect(wire.all('stopCommunication')).toEqual([]);
    }
  });
});
