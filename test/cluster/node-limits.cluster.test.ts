import { describe, expect, it } from 'vitest';
import { readMetric } from '../support/metric.js';
import { Stage } from '../support/stage.js';
import { waitFor } from '../support/wait-for.js';
import { WireClient } from '../support/wire-client.js';

const closesOf = (stage: Stage) => (reason: string) =>
  readMetric(stage.node(0).httpUrl, 'manycast_socket_closes_total', { reason });

describe('the limits of a node', () => {
  const stage = new Stage({
    env: {
      MANYCAST_MAX_SESSIONS: '2',
      MANYCAST_MAX_SOCKETS: '4',
      MANYCAST_HEARTBEAT_MS: '1000',
    },
  });
  const closes = closesOf(stage);

  it('sessions: the one too many is rejected with node-full and a hint, and accepted when another left', async () => {
    const room = stage.newRoom();
    const [presenter, viewer, late] = [await stage.wire(), await stage.wire(), await stage.wire()];
    const join = { id: 'viewer', sdpOffer: stage.offers.viewer, room };
    await presenter.ask({ id: 'presenter', sdpOffer: stage.offers.presenter, room }, 'presenterResponse');
    await viewer.ask(join, 'viewerResponse');
    expect(await late.ask(join, 'viewerResponse')).toEqual({
      id: 'viewerResponse',
      response: 'rejected',
      message: 'this node serves as many sessions as it may',
      code: 'node-full',
      retryAfterMs: 1_000,
    });
    viewer.send({ id: 'stop' });
    await stage.untilFigures({ sessions: 1 });
    expect(await late.ask(join, 'viewerResponse')).toMatchObject({ response: 'accepted' });
  });

  it('sockets: the one too many is refused with 503, and let in when another left', async () => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => stage.wire()));
    expect(await WireClient.refusedWith(stage.node(0).wsUrl('/call'))).toBe(503);
    await clients[0]?.close();
    await stage.untilFigures({ sockets: 3 });
    await (await stage.wire()).barrier();
  });

  it('a client that does not answer pings is cut, and its room is free', async () => {
    const before = await closes('heartbeat-lost');
    const client = await WireClient.open(stage.node(0).wsUrl('/one2many'), { autoPong: false });
    const offer = { id: 'presenter', sdpOffer: stage.offers.presenter, room: stage.newRoom() };
    await client.ask(offer, 'presenterResponse');
    expect(await client.closed).toMatchObject({ code: 1006 });
    expect(await closes('heartbeat-lost')).toBe(before + 1);
    await stage.untilFigures({ sessions: 0, pipelines: 0 });
  });
});

describe('the buffer of a node', () => {
  // No heartbeat comes in between: it would cut the same client on a machine that is slow to fill the buffers before it.
  const stage = new Stage({
    env: {
      MANYCAST_MAX_ERRORS: '1000000',
      MANYCAST_MAX_BUFFERED_BYTES: '65536',
      MANYCAST_HEARTBEAT_MS: '60000',
    },
  });
  const closes = closesOf(stage);

  it('a client that never reads is cut, and the node’s memory stays bounded', async () => {
    const { httpUrl } = stage.node(0);
    const memory = () => readMetric(httpUrl, 'process_resident_memory_bytes');
    const before = await memory();
    let most = before;
    const client = await stage.wire();
    const offer = { id: 'presenter', sdpOffer: stage.offers.presenter, room: stage.newRoom() };
    await client.ask(offer, 'presenterResponse');
    client.ws.pause();
    const frame = JSON.stringify({ id: 'x'.repeat(64) });
    await waitFor(
      'the client to be cut',
      async () => {
        for (let count = 0; count < 5_000; count += 1) client.ws.send(frame, () => undefined);
        most = Math.max(most, await memory());
        return (await closes('too-slow')) > 0;
      },
      { timeoutMs: 30_000, intervalMs: 1 },
    );
    expect(await closes('too-slow')).toBe(1);
    client.ws.terminate();
    expect(most - before).toBeLessThan(64 << 20);
    await stage.untilFigures({ sockets: 0, sessions: 0, pipelines: 0 });
    await stage.servesFreshBroadcast();
  });
});
