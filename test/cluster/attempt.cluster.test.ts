import { describe, expect, it } from 'vitest';
import { readMetric } from '../support/metric.js';
import { Stage } from '../support/stage.js';
import { waitFor } from '../support/wait-for.js';

/** What a browser trickles; of no use to anybody, but well formed. */
const candidates = Array.from({ length: 3 }, (_, index) => ({
  candidate: `candidate:${index} 1 UDP 2122252543 127.0.0.1 ${9_000 + index} typ host`,
  sdpMid: 'audio',
  sdpMLineIndex: 0,
}));

describe.each([{ nodes: 1 }, { nodes: 3 }])('an attempt on $nodes node(s)', ({ nodes }) => {
  const stage = new Stage({ nodes });

  /** Candidates that a media server took from a node. */
  const taken = (index: number) =>
    readMetric(stage.node(index).httpUrl, 'manycast_media_requests_total', {
      operation: 'add-ice-candidate',
      outcome: 'ok',
    });
  const untilTaken = (index: number, count: number) =>
    waitFor(`${count} candidates to be taken`, async () => (await taken(index)) === count, {
      actual: () => taken(index),
    });

  it('is answered first, then gathered for, then its candidates go on, then it hears the server’s (rules 2 and 6)', async () => {
    const [gate] = stage.cluster.gates;
    const before = gate?.requests.length;
    const page = await stage.page(0);
    await page.broadcast(stage.newRoom());
    const requests = gate?.requests.slice(before) ?? [];
    const first = (name: string) => requests.indexOf(name);
    expect(first('transaction')).toBe(0);
    expect(first('invoke gatherCandidates')).toBe(1);
    expect(first('invoke addIceCandidate')).toBeGreaterThan(1);
    expect(page.wire.ids[0]).toBe('presenterResponse');
    expect(page.wire.ids).toContain('iceCandidate');
  });

  it('counts candidates that came before its offer (rule 3)', async () => {
    const client = await stage.wire(1);
    const before = await taken(1);
    for (const candidate of candidates) client.send({ id: 'onIceCandidate', candidate });
    await client.barrier();
    const room = stage.newRoom();
    const answer = await client.ask(
      { id: 'presenter', sdpOffer: stage.offers.presenter, room },
      'presenterResponse',
    );
    expect(answer).toMatchObject({ response: 'accepted' });
    await untilTaken(1, before + 3);
  });

  it('counts them also on a socket that was rejected before, or told stopCommunication (rule 3)', async () => {
    const client = await stage.wire(1);
    const room = stage.newRoom();
    const join = { id: 'viewer', sdpOffer: stage.offers.viewer, room };
    expect(await client.ask(join, 'viewerResponse')).toMatchObject({ response: 'rejected' });
    for (let round = 0; round < 2; round += 1) {
      const presenter = await stage.wire(0);
      await presenter.ask({ id: 'presenter', sdpOffer: stage.offers.presenter, room }, 'presenterResponse');
      const before = await taken(1);
      for (const candidate of candidates) client.send({ id: 'onIceCandidate', candidate });
      await client.barrier();
      expect(await client.ask(join, 'viewerResponse')).toMatchObject({ response: 'accepted' });
      await untilTaken(1, before + 3);
      presenter.send({ id: 'stop' });
      await client.next('stopCommunication');
    }
  });

  it('that is stopped before its answer hears nothing more, and leaves nothing (rule 4)', async () => {
    const [gate] = stage.cluster.gates;
    const room = stage.newRoom();
    const presenter = await stage.presenter(0, room);
    gate?.hold('reply', /sdpMLineIndex|m=audio/);
    const client = await stage.wire(1);
    client.send({ id: 'viewer', sdpOffer: stage.offers.viewer, room });
    await gate?.untilHeld();
    client.send({ id: 'stop' });
    await stage.untilFigures({ sessions: 1 });
    gate?.open();
    await stage.untilFigures({ endpoints: 1 });
    await client.barrier();
    expect(client.ids).toEqual(['error']);
    presenter.stop();
    await stage.untilFigures({ pipelines: 0 });
    await client.barrier();
    expect(client.all('stopCommunication')).toEqual([]);
  });

  it('of a presenter that has one already ends its own broadcast cleanly, then starts anew (rule 8)', async () => {
    const room = stage.newRoom();
    const presenter = await stage.presenter(0, room);
    const viewer = await stage.viewer(1, room);
    await presenter.broadcast(room);
    await viewer.wire.next('stopCommunication');
    await stage.untilFigures({ sessions: 1, pipelines: 1, endpoints: 1 });
    const next = await stage.viewer(2, room);
    await next.untilSeen();
    await viewer.wire.barrier();
    expect(viewer.wire.all('stopCommunication')).toHaveLength(1);
  });

  it('of a viewer that has one already releases the endpoint of before (rule 8)', async () => {
    const room = stage.newRoom();
    await stage.presenter(0, room);
    const viewer = await stage.viewer(1, room);
    for (let again = 0; again < 3; again += 1) {
      expect(await viewer.watch(room)).toMatchObject({ response: 'accepted' });
      await viewer.untilSeen();
    }
    await stage.untilFigures({ sessions: 2, endpoints: 2 });
    await viewer.wire.barrier();
    expect(viewer.wire.all('stopCommunication')).toEqual([]);
  });

  it('changes its role and its room on the same socket (rule 8)', async () => {
    const [first, second] = [stage.newRoom(), stage.newRoom()];
    await stage.presenter(0, first);
    const page = await stage.viewer(1, first);
    await page.broadcast(second);
    await stage.untilFigures({ sessions: 2, pipelines: 2, endpoints: 2 });
    await stage.viewer(2, second);
    expect(await page.watch(first)).toMatchObject({ response: 'accepted' });
    await stage.untilFigures({ sessions: 2, pipelines: 1, endpoints: 2 });
  });

  it('sends many offers without waiting for answers: the last one counts, nothing of the others is left', async () => {
    const room = stage.newRoom();
    await stage.presenter(0, room);
    const client = await stage.wire(1);
    for (let offer = 0; offer < 20; offer += 1)
      client.send({ id: 'viewer', sdpOffer: stage.offers.viewer, room });
    await client.next('viewerResponse');
    await stage.untilFigures({ sessions: 2, endpoints: 2 });
    await client.barrier();
    expect(client.all('viewerResponse').at(-1)).toMatchObject({ response: 'accepted' });
  });
});
