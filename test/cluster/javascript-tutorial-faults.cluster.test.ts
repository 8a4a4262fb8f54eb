import { dialects } from '@manycast/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { Stage } from '../support/stage.js';

/**
 * What crashes, wedges or leaks in the server of the official JavaScript tutorial (one2many, server.js), one case
 * each; long, because the list is. After every case the same process serves a fresh broadcast.
 */
describe.each([{ nodes: 1 }, { nodes: 3 }])(
  'the JavaScript tutorial’s faults on $nodes node(s)',
  ({ nodes }) => {
    const stage = new Stage({ nodes });
    const gate = () => stage.cluster.gates[0] as NonNullable<(typeof stage.cluster.gates)[0]>;
    const presenterOffer = (room: string) => ({ id: 'presenter', sdpOffer: stage.offers.presenter, room });
    const viewerOffer = (room: string) => ({ id: 'viewer', sdpOffer: stage.offers.viewer, room });

    afterEach(() => stage.servesFreshBroadcast());

    it('B1 a viewer before any presenter is only rejected', async () => {
      const client = await stage.wire(1);
      expect(await client.ask(viewerOffer(stage.newRoom()), 'viewerResponse')).toMatchObject({
        response: 'rejected',
        message: dialects['/one2many']['no-presenter'],
      });
      client.send({ id: 'stop' });
      await client.barrier();
      expect(client.ids).toEqual(['viewerResponse', 'error']);
    });

    it('B2 a page that is opened and closed while nobody presents changes nothing', async () => {
      for (const way of ['close', 'drop'] as const) {
        const client = await stage.wire(1);
        await client[way]();
      }
      const client = await stage.wire(1);
      client.send({ id: 'stop' });
      await client.close();
    });

    it('B3 viewers that stop or close after the broadcast ended change nothing', async () => {
      const room = stage.newRoom();
      const presenter = await stage.presentingWire(0, room);
      const [stops, closes] = [await stage.watchingWire(1, room), await stage.watchingWire(2, room)];
      presenter.send({ id: 'stop' });
      await Promise.all([stops, closes].map(client => client.next('stopCommunication')));
      stops.send({ id: 'stop' });
      await closes.close();
      await stops.barrier();
    });

    it('B4 malformed JSON is answered with an error, and the broadcast of the same socket goes on', async () => {
      const room = stage.newRoom();
      const presenter = await stage.presenter(0, room);
      const viewer = await stage.viewer(1, room);
      presenter.wire.sendFrame('{"id":"stop"');
      expect(await presenter.wire.next('error')).toMatchObject({ code: 'invalid-json' });
      await viewer.untilSeen();
    });

    it.each(['stop', 'close', 'drop'] as const)(
      'B5 a presenter that leaves by %s before its pipeline exists leaves the room free, and no pipeline',
      async way => {
        const room = stage.newRoom();
        gate().hold('request', /"MediaPipeline"/);
        const presenter = await stage.wire(0);
        presenter.send(presenterOffer(room));
        await gate().untilHeld();
        if (way === 'stop') presenter.send({ id: 'stop' });
        else await presenter[way]();
        await stage.untilFigures({ sessions: 0 });
        gate().open();
        await stage.presentingWire(1, room);
        await stage.untilFigures({ pipelines: 1, endpoints: 1 });
      },
    );

    it('B6 a viewer while the pipeline is being created waits for it (R-ROOM-3)', async () => {
      const room = stage.newRoom();
      gate().hold('request', /"MediaPipeline"/);
      const presenter = await stage.wire(0);
      presenter.send(presenterOffer(room));
      await gate().untilHeld();
      const viewer = await stage.wire(1);
      viewer.send(viewerOffer(room));
      await stage.untilFigures({ sessions: 2 });
      gate().open();
      expect(await viewer.next('viewerResponse')).toMatchObject({ response: 'accepted' });
    });

    it('B7 a viewer while the presenter’s endpoint is there and not yet known waits for it (R-ROOM-3)', async () => {
      const room = stage.newRoom();
      gate().hold('reply', /m=audio/);
      const presenter = await stage.wire(0);
      presenter.send(presenterOffer(room));
      await gate().untilHeld();
      await stage.untilFigures({ pipelines: 1, endpoints: 1 });
      const viewer = await stage.wire(1);
      viewer.send(viewerOffer(room));
      await stage.untilFigures({ sessions: 2 });
      gate().open();
      expect(await viewer.next('viewerResponse')).toMatchObject({ response: 'accepted' });
      await stage.untilFigures({ endpoints: 2 });
    });

    it('B8 a presenter that sends `presenter` again is accepted again, its viewers are told of the end before', async () => {
      const room = stage.newRoom();
      const presenter = await stage.presenter(0, room);
      const viewer = await stage.viewer(1, room);
      expect(await presenter.present(room)).toMatchObject({ response: 'accepted' });
      await viewer.wire.next('stopCommunication');
      await stage.untilFigures({ sessions: 1, pipelines: 1, endpoints: 1 });
    });

    it('B9 a viewer that sends `viewer` twice has one endpoint', async () => {
      const room = stage.newRoom();
      await stage.presentingWire(0, room);
      const viewer = await stage.watchingWire(1, room);
      viewer.send(viewerOffer(room));
      await viewer.next('viewerResponse');
      await stage.untilFigures({ sessions: 2, endpoints: 2 });
    });

    it.each(['request', 'reply'] as const)(
      'B10 a viewer that closes in the middle of its join (%s on its way) leaves no endpoint',
      async way => {
        const room = stage.newRoom();
        await stage.presentingWire(0, room);
        await stage.untilFigures({ endpoints: 1 });
        gate().hold(way, way === 'request' ? /"viewer"/ : /m=audio/);
        const viewer = await stage.wire(1);
        viewer.send(viewerOffer(room));
        await gate().untilHeld();
        await viewer.close();
        await stage.untilFigures({ sessions: 1 });
        gate().open();
        await stage.untilFigures({ endpoints: 1 });
      },
    );

    it('B11 a presenter who starts while another’s aborted start is under way is the only one accepted', async () => {
      const room = stage.newRoom();
      gate().hold('request', /"MediaPipeline"/);
      const aborted = await stage.wire(0);
      aborted.send(presenterOffer(room));
      await gate().untilHeld();
      aborted.send({ id: 'stop' });
      await stage.untilFigures({ sessions: 0 });
      const presenter = await stage.page(1);
      const broadcasting = presenter.broadcast(room);
      await stage.untilFigures({ sessions: 1 });
      gate().open();
      await broadcasting;
      await stage.viewer(2, room);
      await aborted.barrier();
      expect(aborted.ids).toEqual(['error']);
      await stage.untilFigures({ pipelines: 1, endpoints: 2 });
    });

    it('B12 a failed offer is answered once, and no candidate follows', async () => {
      const room = stage.newRoom();
      const client = await stage.wire(0);
      const answer = await client.ask({ ...presenterOffer(room), sdpOffer: 'garbage' }, 'presenterResponse');
      expect(answer).toMatchObject({ response: 'rejected', code: 'bad-sdp' });
      await stage.untilFigures({ pipelines: 0, endpoints: 0 });
      await client.barrier();
      expect(client.ids).toEqual(['presenterResponse', 'error']);
      await stage.presentingWire(1, room);
    });

    it('B13 viewers that come and go in any order leave exactly the others', async () => {
      const room = stage.newRoom();
      const presenter = await stage.presentingWire(0, room);
      const viewers = await Promise.all(
        Array.from({ length: 12 }, (_, index) => stage.watchingWire(index, room)),
      );
      const leaving = viewers.filter((_, index) => index % 3 !== 1);
      for (const [index, viewer] of leaving.reverse().entries()) {
        if (index % 2) viewer.send({ id: 'stop' });
        else await viewer.close();
      }
      await stage.untilFigures({ sessions: 5, endpoints: 5 });
      presenter.send({ id: 'stop' });
      for (const viewer of viewers.filter(({ isOpen }) => isOpen)) {
        const isLeft = leaving.includes(viewer);
        if (!isLeft) await viewer.next('stopCommunication');
        await viewer.barrier();
        expect(viewer.all('stopCommunication')).toHaveLength(isLeft ? 0 : 1);
      }
    });

    it('B14 a media server that restarts serves again without a restart of the nodes', async () => {
      const room = stage.newRoom();
      const presenter = await stage.presentingWire(0, room);
      const viewer = await stage.watchingWire(1, room);
      const [media] = stage.cluster.media;
      media?.process.kill('SIGKILL');
      await media?.process.exited;
      await stage.restartMedia(0);
      presenter.send({ id: 'stop' });
      await viewer.next('stopCommunication');
      for (const index of stage.cluster.nodes.keys()) await stage.untilReady(index);
      await stage.presentingWire(1, room);
    });

    it('B15 candidates of a socket that never offers are bounded', async () => {
      const client = await stage.wire(0);
      const candidate = {
        candidate: 'candidate:1 1 UDP 1 127.0.0.1 9 typ host',
        sdpMid: '0',
        sdpMLineIndex: 0,
      };
      for (let index = 0; index < 257; index += 1) client.send({ id: 'onIceCandidate', candidate });
      expect(await client.next('error')).toMatchObject({
        code: 'too-many-candidates',
        field: 'candidate',
        message: 'candidate: at most 256 for one attempt',
      });
    });

    it('B16 the end of a broadcast reaches the living although some sockets are dead', async () => {
      const room = stage.newRoom();
      const presenter = await stage.presentingWire(0, room);
      const [dead, stuck, alive] = [
        await stage.watchingWire(1, room),
        await stage.watchingWire(1, room),
        await stage.watchingWire(1, room),
      ];
      stuck.ws.pause();
      dead.ws.terminate();
      presenter.send({ id: 'stop' });
      await alive.next('stopCommunication');
      await stage.untilFigures({ sessions: 0, pipelines: 0 });
    });

    it('B16 no stack trace and no object as a text ever reaches a browser', async () => {
      const client = await stage.wire(0);
      const room = stage.newRoom();
      await client.ask({ ...presenterOffer(room), sdpOffer: 'garbage' }, 'presenterResponse');
      await client.ask({ ...viewerOffer(room), sdpOffer: 7 }, 'error');
      await client.ask({ id: 'constructor' }, 'error');
      for (const message of client.received) {
        expect(message.message).toEqual(expect.any(String));
        expect(JSON.stringify(message)).not.toMatch(/stack|\bat \S+:\d+|node_modules|\[object/);
      }
    });
  },
);
