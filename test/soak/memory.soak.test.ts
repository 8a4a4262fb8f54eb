import { afterAll, beforeAll, expect, test } from 'vitest';
import { attachPeer } from '../support/attach-peer.js';
import { repositoryRoot } from '../support/built-app.js';
import { type EmbeddedMedia, startEmbeddedMedia } from '../support/embedded-media.js';
import { numberFromRun } from '../support/environment.js';
import { freePort } from '../support/free-port.js';
import { KurentoSession } from '../support/kurento-session.js';
import { waitFor } from '../support/wait-for.js';
import { stopWebRtc, WebRtcPeer } from '../support/webrtc-peer.js';
import { GarbageCollector } from './garbage-collector.js';
import { asciiCurve, growth, type Sample, writeCurve } from './memory-curve.js';
import { readFigures } from './server-figures.js';

const JOINS = numberFromRun('SOAK_JOINS', 2_000);
const CONCURRENT = numberFromRun('SOAK_CONCURRENT', 4);
/** The run rests after each quarter, with nobody but the publisher left, and the garbage is collected. */
const QUARTERS = 4;
const PER_QUARTER = Math.ceil(JOINS / QUARTERS);
const SAMPLE_EVERY = Math.max(1, Math.ceil(PER_QUARTER / 10));

/**
 * What the second half of the run may add; the first half is the warm-up. 1,000 joins of the native library
 * leave 50 MB where its objects are not let go of, and a leak of 2 kB of JavaScript per join leaves 2 MB.
 */
const ALLOWED = { residentMb: 10, restingResidentMb: 8, restingHeapMb: 2, openFiles: 10 };

let server: EmbeddedMedia;
let garbage: GarbageCollector;
beforeAll(async () => {
  const inspectorPort = await freePort();
  server = await startEmbeddedMedia({ nodeArgs: [`--inspect=127.0.0.1:${inspectorPort}`] });
  garbage = await GarbageCollector.of(inspectorPort);
});
afterAll(async () => {
  stopWebRtc();
  garbage?.close();
  const exit = await server?.process.stop();
  expect(exit, 'how the server ended').toEqual({ code: 0, signal: null });
});

test(`memory does not grow over ${JOINS} joins and leaves`, { timeout: 1_800_000 }, async () => {
  const metricsUrl = `http://127.0.0.1:${server.port}/metrics`;
  const room = await openRoom(server.url);
  const startedAt = performance.now();
  const measure = async (joins: number): Promise<Sample> => {
    const seconds = (performance.now() - startedAt) / 1_000;
    return { joins, seconds, ...(await readFigures(metricsUrl)) };
  };

  const curve = [await measure(0)];
  const resting: Sample[] = [];
  let done = 0;
  for (let quarter = 1; quarter <= QUARTERS; quarter++) {
    let begun = 0;
    const keepJoining = async () => {
      const viewers = await KurentoSession.open(server.url);
      while (begun++ < PER_QUARTER) {
        await joinAndLeave(viewers, room, begun);
        if (++done % SAMPLE_EVERY === 0) curve.push(await measure(done));
      }
      await viewers.call('closeSession');
      await viewers.socket.close();
    };
    await Promise.all(Array.from({ length: CONCURRENT }, keepJoining));
    await waitFor(
      'only the publisher to be left',
      async () => (await readFigures(metricsUrl)).endpoints === 1,
    );
    await garbage.collect();
    resting.push(await measure(done));
  }
  await room.close();

  const files = await writeCurve(`${repositoryRoot}test/artifacts/soak`, curve, resting);
  const added = {
    residentMb: growth(curve, 'residentMb'),
    restingResidentMb: growth(resting, 'residentMb'),
    restingHeapMb: growth(resting, 'heapMb'),
    openFiles: growth(resting, 'openFiles'),
  };
  process.stdout.write(`${asciiCurve(curve)}\n${report(resting, added)}\n${files.join('\n')}\n`);
  for (const [figure, limit] of Object.entries(ALLOWED)) {
    expect.soft(added[figure as keyof typeof ALLOWED], figure).toBeLessThan(limit);
  }
});

interface Room {
  pipeline: string;
  source: string;
  close(): Promise<void>;
}

async function openRoom(url: string): Promise<Room> {
  const session = await KurentoSession.open(url);
  const pipeline = await session.createPipeline();
  const source = await session.createEndpoint(pipeline);
  const publisher = new WebRtcPeer('send');
  await attachPeer(session, source, publisher);
  await publisher.untilConnected();
  publisher.startSending();
  const close = async () => {
    publisher.close();
    await session.release(pipeline);
    await session.socket.close();
  };
  return { pipeline, source, close };
}

/** One viewer, from the offer to its first media to its going: the peer goes first, or the endpoint does. */
async function joinAndLeave(
  session: KurentoSession,
  { pipeline, source }: Room,
  index: number,
): Promise<void> {
  const endpoint = await session.createEndpoint(pipeline);
  const viewer = new WebRtcPeer('receive');
  try {
    await session.invoke(source, 'connect', { sink: endpoint });
    await attachPeer(session, endpoint, viewer);
    await viewer.untilReceived(3, ['audio', 'video'], 30_000);
    if (index % 2 === 0) await session.release(endpoint);
  } finally {
    viewer.close();
    await session.release(endpoint);
  }
}

function report(resting: Sample[], added: Record<string, number>): string {
  const rests = resting.map(
    ({ joins, residentMb, heapMb }) =>
      `after ${joins}: ${residentMb.toFixed(1)} MB, heap ${heapMb.toFixed(1)} MB`,
  );
  const second = Object.entries(added).map(
    ([name, value]) => `${name} ${value >= 0 ? '+' : ''}${value.toFixed(1)}`,
  );
  return [`at rest ${rests.join('; ')}`, `second quarter to last: ${second.join(', ')}`].join('\n');
}
