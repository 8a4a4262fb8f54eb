import { afterAll, beforeAll, expect, test } from 'vitest';
import { attachPeer } from '../support/attach-peer.js';
import { repositoryRoot } from '../support/built-app.js';
import { type EmbeddedMedia, startEmbeddedMedia } from '../support/embedded-media.js';
import { numberFromRun } from '../support/environment.js';
import { KurentoSession } from '../support/kurento-session.js';
import { waitFor } from '../support/wait-for.js';
import { stopWebRtc, WebRtcPeer } from '../support/webrtc-peer.js';
import { asciiCurve, growth, type Sample, writeCurve } from './memory-curve.js';
import { readFigures } from './server-figures.js';

const JOINS = numberFromRun('SOAK_JOINS', 2_000);
const CONCURRENT = numberFromRun('SOAK_CONCURRENT', 4);
const SAMPLE_EVERY = Math.max(1, Math.round(JOINS / 40));
/** What half of the run may add after the warm-up: a tenth of what 568 joins of a leaking server added. */
const ALLOWED_GROWTH_MB = 8;
/** Sockets of the run itself come and go. */
const ALLOWED_FILES = 10;

let server: EmbeddedMedia;
beforeAll(async () => {
  server = await startEmbeddedMedia();
});
afterAll(async () => {
  stopWebRtc();
  await server.stop();
});

test(`memory does not grow over ${JOINS} joins and leaves`, { timeout: 1_800_000 }, async () => {
  const metricsUrl = `http://127.0.0.1:${server.port}/metrics`;
  const session = await KurentoSession.open(server.url);
  const pipeline = await session.createPipeline();
  const source = await session.createEndpoint(pipeline);
  const publisher = new WebRtcPeer('send');
  await attachPeer(session, source, publisher);
  await publisher.untilConnected();
  publisher.startSending();

  const startedAt = performance.now();
  const samples: Sample[] = [];
  const sample = async (joins: number) => {
    const seconds = (performance.now() - startedAt) / 1_000;
    samples.push({ joins, seconds, ...(await readFigures(metricsUrl)) });
  };

  await sample(0);
  let begun = 0;
  let done = 0;
  const keepJoining = async () => {
    // A socket of its own, and a new one now and then: its events are kept by the client that got them.
    while (begun < JOINS) {
      const viewers = await KurentoSession.open(server.url);
      for (let count = 0; count < SAMPLE_EVERY && begun < JOINS; count++) {
        await joinAndLeave(viewers, pipeline, source, begun++);
        if (++done % SAMPLE_EVERY === 0) await sample(done);
      }
      await viewers.call('closeSession');
      await viewers.socket.close();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, keepJoining));

  const files = await writeCurve(`${repositoryRoot}test/artifacts/soak`, samples);
  const [memory, heap, openFiles] = (['residentMb', 'heapMb', 'openFiles'] as const).map(name =>
    growth(samples, name),
  );
  process.stdout.write(
    `${asciiCurve(samples)}\nresident ${format(memory)} MB, heap ${format(heap)} MB, open files ${format(openFiles)}` +
      ` from the second quarter to the last\n${files.join('\n')}\n`,
  );
  await waitFor('only the publisher to be left', async () => (await readFigures(metricsUrl)).endpoints === 1);
  publisher.close();
  await session.socket.close();
  expect(memory, 'MB of resident memory').toBeLessThan(ALLOWED_GROWTH_MB);
  expect(openFiles, 'open files').toBeLessThan(ALLOWED_FILES);
});

/** One viewer, from the offer to its first media to its going: the peer first, or the endpoint first. */
async function joinAndLeave(
  session: KurentoSession,
  pipeline: string,
  source: string,
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

const format = (value: number | undefined) => `${(value ?? 0) >= 0 ? '+' : ''}${(value ?? 0).toFixed(1)}`;
