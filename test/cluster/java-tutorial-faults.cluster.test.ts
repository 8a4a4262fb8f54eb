import { dialects } from '@manycast/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { Stage } from '../support/stage.js';
import { waitFor } from '../support/wait-for.js';

/**
 * What crashes, wedges or leaks in the server of the official Java tutorial (one2many, CallHandler.java), one case
 * each. After every case the same process serves a fresh broadcast.
 */
describe.each([{ nodes: 1 }, { nodes: 3 }])('the Java tutorial’s faults on $nodes node(s)', ({ nodes }) => {
  const stage = new Stage({ nodes });
  const gate = () => stage.cluster.gates[0] as NonNullable<(typeof stage.cluster.gates)[0]>;
  const presenterOffer = (room: string) => ({ id: 'presenter', sdpOffer: stage.offers.presenter, room });
  const viewerOffer = (room: string) => ({ id: 'viewer', sdpOffer: stage.offers.viewer, room });

  afterEach(() => stage.servesFreshBroadcast());

  it('J1 a socket whose broadcast ended can watch the next one', async () => {
    const room = stage.newRoom();
    const viewer = await stage.wire(1);
    for (let broadcast = 0; broadcast < 3; broadcast += 1) {
      const presenter = await stage.presentingWire(broadcast, room);
      expect(await viewer.ask(viewerOffer(room), 'viewerResponse')).toMatchObject({ response: 'accepted' });
      presenter.send({ id: 'stop' });
      await viewer.next('stopCommunication');
    }
  });

  it('J2 a viewer who cannot be told does not keep the room taken, nor the pipeline', async () => {
    const room = stage.newRoom();
    const presenter = await stage.presentingWire(0, room);
    const viewer = await stage.watchingWire(1, room);
    viewer.ws.pause();
    await presenter.drop();
    await stage.untilFigures({ pipelines: 0, endpoints: 0 });
    await stage.presentingWire(1, room);
  });

  it('J3 candidates before the endpoint, without their media, or of nobody are taken or refused, never fatal', async () => {
    const room = stage.newRoom();
    gate().hold('request', /"MediaPipeline"/);
    const presenter = await stage.wire(0);
    presenter.send(presenterOffer(room));
    await gate().untilHeld();
    const line = 'candidate:1 1 UDP 2122252543 127.0.0.1 9 typ host';
    for (const candidate of [
      { candidate: line, sdpMid: null, sdpMLineIndex: null },
      { candidate: line },
      { candidate: line, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'nobody' },
      { candidate: '', sdpMid: '', sdpMLineIndex: 0 },
    ])
      presenter.send({ id: 'onIceCandidate', candidate });
    await presenter.barrier();
    gate().open();
    expect(await presenter.next('presenterResponse')).toMatchObject({ response: 'accepted' });
    presenter.send({ id: 'stop' });
    for (let index = 0; index < 3; index += 1) {
      presenter.send({ id: 'onIceCandidate', candidate: { candidate: line, sdpMid: '0', sdpMLineIndex: 0 } });
    }
    await presenter.barrier();
  });

  it('J4 leaving twice, or after the end, is harmless', async () => {
    const room = stage.newRoom();
    const presenter = await stage.presentingWire(0, room);
    const viewer = await stage.watchingWire(1, room);
    viewer.send({ id: 'stop' });
    viewer.send({ id: 'stop' });
    await viewer.close();
    await stage.untilFigures({ endpoints: 1 });
    presenter.send({ id: 'stop' });
    presenter.send({ id: 'stop' });
    const next = await stage.presentingWire(1, room);
    await presenter.close();
    await next.barrier();
    await stage.untilFigures({ sessions: 1, pipelines: 1 });
  });

  it('J5 a room whose media server is slow holds nobody else up', async () => {
    gate().hold('request', /"MediaPipeline"/);
    const slow = await stage.wire(0);
    slow.send(presenterOffer(stage.newRoom()));
    await gate().untilHeld();
    gate().holdNothingMore();
    // Rooms share a few links; one of these has another than the slow one.
    const others = await Promise.all(Array.from({ length: 8 }, () => stage.wire(0)));
    for (const client of others) client.send(presenterOffer(stage.newRoom()));
    await waitFor('another room to be served', () =>
      others.some(client => client.all('presenterResponse').length > 0),
    );
    expect(slow.all('presenterResponse')).toEqual([]);
    gate().open();
    await Promise.all([slow, ...others].map(client => client.next('presenterResponse')));
  });

  it('J5 a hundred messages at once to one room are answered one by one', async () => {
    const room = stage.newRoom();
    await stage.presentingWire(0, room);
    const clients = await Promise.all(Array.from({ length: 20 }, (_, index) => stage.wire(index)));
    for (const client of clients) {
      client.send(presenterOffer(room));
      client.send(viewerOffer(room));
      client.send({ id: 'stop' });
      client.send(presenterOffer(room));
      client.send({ id: 'nonsense' });
    }
    for (const client of clients) {
      await waitFor('the last offer to be rejected', () =>
        client
          .all('presenterResponse')
          .some(({ message }) => message === dialects['/one2many']['presenter-exists']),
      );
      await client.barrier();
      expect(client.all('error')).toHaveLength(1);
    }
    await stage.untilFigures({ sessions: 1, endpoints: 1 });
  });

  it('J6 joins are answered while the media server is away, with a code', async () => {
    const [media] = stage.cluster.media;
    media?.process.kill('SIGKILL');
    await media?.process.exited;
    const room = stage.newRoom();
    const client = await stage.wire(0);
    expect(await client.ask(presenterOffer(room), 'presenterResponse')).toMatchObject({
      response: 'rejected',
      code: 'media-unavailable',
      message: expect.any(String),
    });
    await stage.restartMedia(0);
    for (const index of stage.cluster.nodes.keys()) await stage.untilReady(index);
    await stage.presentingWire(1, room);
  });
});
