import { afterAll, describe, expect, vi } from 'vitest';
import { attachPeer, trickleFrom, trickleTo } from '../support/attach-peer.js';
import type { KurentoSession } from '../support/kurento-session.js';
import { UdpWire } from '../support/udp-wire.js';
import { waitFor } from '../support/wait-for.js';
import { type Medium, type PeerCandidate, stopWebRtc, WebRtcPeer } from '../support/webrtc-peer.js';
import { type KmsCase, kmsCase, needsShortPeriod } from './kms-case.js';

vi.setConfig({ maxConcurrency: 5, testTimeout: 60_000 });
afterAll(stopWebRtc);

/** Kurento calls two seconds without a buffer "not flowing"; twice that for two slow cores. */
const FLOW_DEADLINE_MS = 8_000;

/** RFC 7675: consent that nobody renews ends after 30 s, wherever nothing else noticed before. */
const VANISHED_DEADLINE_MS = 40_000;

const STATES = [
  'ConnectionStateChanged',
  'MediaStateChanged',
  'MediaFlowInStateChanged',
  'MediaFlowOutStateChanged',
];

function peer(kms: KmsCase, direction: 'send' | 'receive'): WebRtcPeer {
  const made = new WebRtcPeer(direction);
  kms.atEnd(() => made.close());
  return made;
}

async function watchedEndpoint(session: KurentoSession, pipeline: string): Promise<string> {
  const endpoint = await session.createEndpoint(pipeline);
  for (const event of STATES) await session.subscribe(endpoint, event);
  return endpoint;
}

interface Publication {
  pipeline: string;
  endpoint: string;
  publisher: WebRtcPeer;
}

async function publish(kms: KmsCase, session: KurentoSession, media?: Medium[]): Promise<Publication> {
  const pipeline = await session.createPipeline();
  const endpoint = await watchedEndpoint(session, pipeline);
  const publisher = peer(kms, 'send');
  await attachPeer(session, endpoint, publisher);
  await publisher.untilConnected();
  publisher.startSending(media);
  return { pipeline, endpoint, publisher };
}

async function view(kms: KmsCase, session: KurentoSession, { pipeline, endpoint: source }: Publication) {
  const endpoint = await watchedEndpoint(session, pipeline);
  const viewer = peer(kms, 'receive');
  await session.invoke(source, 'connect', { sink: endpoint });
  await attachPeer(session, endpoint, viewer);
  await viewer.untilConnected();
  return { endpoint, viewer };
}

const becomes = (session: KurentoSession, endpoint: string, event: string, newState: string) =>
  session.socket.event(event, endpoint, data => data.newState === newState, 20_000);

const flows = (
  session: KurentoSession,
  endpoint: string,
  way: 'In' | 'Out',
  mediaType: string,
  state: string,
) =>
  session.socket.event(
    `MediaFlow${way}StateChanged`,
    endpoint,
    data => data.mediaType === mediaType && data.state === state,
    FLOW_DEADLINE_MS,
  );

describe.concurrent('media', () => {
  kmsCase(
    'a publisher: connection and media become CONNECTED, and its media flows out into the pipeline',
    async ({ kms }) => {
      const session = await kms.session();
      const { endpoint } = await publish(kms, session);
      await becomes(session, endpoint, 'ConnectionStateChanged', 'CONNECTED');
      if (!kms.isReal) await becomes(session, endpoint, 'MediaStateChanged', 'CONNECTED');
      for (const mediaType of ['AUDIO', 'VIDEO']) {
        const flow = await flows(session, endpoint, 'Out', mediaType, 'FLOWING');
        expect(flow).toMatchObject({
          source: endpoint,
          type: 'MediaFlowOutStateChanged',
          padName: expect.any(String),
        });
        expect(await session.invoke(endpoint, 'isMediaFlowingOut', { mediaType })).toBe(true);
        expect(await session.invoke(endpoint, 'isMediaFlowingIn', { mediaType })).toBe(false);
      }
      expect(await session.invoke(endpoint, 'getConnectionState')).toBe('CONNECTED');
      if (!kms.isReal) expect(await session.invoke(endpoint, 'getMediaState')).toBe('CONNECTED');
    },
  );

  kmsCase('a viewer: is sent audio and video, which flow in from the pipeline', async ({ kms }) => {
    const session = await kms.session();
    const { endpoint, viewer } = await view(kms, session, await publish(kms, session));
    await viewer.untilReceived(20);
    await becomes(session, endpoint, 'ConnectionStateChanged', 'CONNECTED');
    for (const mediaType of ['AUDIO', 'VIDEO']) {
      await flows(session, endpoint, 'In', mediaType, 'FLOWING');
      expect(await session.invoke(endpoint, 'isMediaFlowingIn', { mediaType })).toBe(true);
    }
  });

  kmsCase('connect before or after the negotiation, the viewer is sent media', async ({ kms }) => {
    const session = await kms.session();
    const { pipeline, endpoint: source } = await publish(kms, session);
    const endpoint = await session.createEndpoint(pipeline);
    const viewer = peer(kms, 'receive');
    await attachPeer(session, endpoint, viewer);
    await viewer.untilConnected();
    await session.invoke(source, 'connect', { sink: endpoint });
    await viewer.untilReceived(20);
  });

  kmsCase(
    'a publisher that falls silent: media stops flowing, for its viewer too, and flows again',
    async ({ kms }) => {
      const session = await kms.session();
      const publication = await publish(kms, session);
      const { endpoint, viewer } = await view(kms, session, publication);
      await viewer.untilReceived(10);
      publication.publisher.stopSending();
      for (const mediaType of ['AUDIO', 'VIDEO']) {
        await flows(session, publication.endpoint, 'Out', mediaType, 'NOT_FLOWING');
        await flows(session, endpoint, 'In', mediaType, 'NOT_FLOWING');
        expect(await session.invoke(endpoint, 'isMediaFlowingIn', { mediaType })).toBe(false);
      }
      expect(await session.invoke(publication.endpoint, 'getConnectionState')).toBe('CONNECTED');
      publication.publisher.startSending();
      await viewer.untilReceived(10);
      await waitFor('video to flow again', () =>
        session.invoke(publication.endpoint, 'isMediaFlowingOut', { mediaType: 'VIDEO' }),
      );
    },
  );

  kmsCase('a publisher of sound only: its video never flows', async ({ kms }) => {
    const session = await kms.session();
    const { endpoint, publisher } = await publish(kms, session, ['audio']);
    await flows(session, endpoint, 'Out', 'AUDIO', 'FLOWING');
    expect(await session.invoke(endpoint, 'isMediaFlowingOut', { mediaType: 'AUDIO' })).toBe(true);
    expect(await session.invoke(endpoint, 'isMediaFlowingOut', { mediaType: 'VIDEO' })).toBe(false);
    publisher.startSending(['video']);
    await flows(session, endpoint, 'Out', 'VIDEO', 'FLOWING');
  });

  for (const direction of ['send', 'receive'] as const) {
    const who = direction === 'send' ? 'publisher' : 'viewer';
    kmsCase(
      `a ${who} that vanishes: its media stops; embedded server: its connection becomes DISCONNECTED`,
      { timeout: 90_000 },
      async ({ kms }) => {
        const session = await kms.session();
        const { pipeline, endpoint: source } = await publish(kms, session);
        const endpoint = await watchedEndpoint(session, pipeline);
        await session.invoke(source, 'connect', { sink: endpoint });
        const vanishing = peer(kms, direction);
        const wire = await attachByWire(kms, session, endpoint, vanishing);
        if (direction === 'send') vanishing.startSending();
        await becomes(session, endpoint, 'ConnectionStateChanged', 'CONNECTED');
        await waitFor('its media to flow', () =>
          session.invoke(endpoint, direction === 'send' ? 'isMediaFlowingOut' : 'isMediaFlowingIn', {
            mediaType: 'VIDEO',
          }),
        );
        wire.cut();
        if (direction === 'send') await flows(session, endpoint, 'Out', 'VIDEO', 'NOT_FLOWING');
        if (kms.isReal) return;
        await session.socket.event(
          'ConnectionStateChanged',
          endpoint,
          data => data.newState === 'DISCONNECTED' && data.oldState === 'CONNECTED',
          VANISHED_DEADLINE_MS,
        );
        expect(await session.invoke(endpoint, 'getConnectionState')).toBe('DISCONNECTED');
        await waitFor(
          'its media to be disconnected',
          async () => (await session.invoke(endpoint, 'getMediaState')) === 'DISCONNECTED',
        );
      },
    );
  }

  kmsCase('a dropped control socket stops no media', async ({ kms }) => {
    const session = await kms.session();
    const { viewer } = await view(kms, session, await publish(kms, session));
    await viewer.untilReceived(20);
    await session.drop();
    viewer.longestGapMs = 0;
    await viewer.untilReceived(60, ['video'], kms.periodMs);
    expect(viewer.longestGapMs).toBeLessThan(500);
    expect(viewer.state).toBe('connected');
  });

  kmsCase(
    'media outlives the collection of its maker where a guardian holds it',
    { timeout: 60_000 },
    async ({ kms, task, skip }) => {
      needsShortPeriod(kms, { task, skip });
      const watch = await kms.watch();
      const [maker, guardian] = [await kms.session(), await kms.session()];
      const witness = await maker.createPipeline();
      const pipeline = await maker.createPipeline();
      await guardian.ref(pipeline);
      const endpoint = await maker.createEndpoint(pipeline);
      const publisher = peer(kms, 'send');
      await attachPeer(maker, endpoint, publisher);
      await publisher.untilConnected();
      publisher.startSending();
      const { viewer } = await view(kms, maker, { pipeline, endpoint, publisher });
      await viewer.untilReceived(20);
      await maker.drop();
      viewer.longestGapMs = 0;
      await watch.untilDestroyed(witness, 2 * kms.periodMs + 1_000);
      await viewer.untilReceived(60, ['video']);
      expect(viewer.longestGapMs).toBeLessThan(500);
    },
  );

  kmsCase(
    'media ends with the collection of its maker where nobody holds it',
    { timeout: 60_000 },
    async ({ kms, task, skip }) => {
      needsShortPeriod(kms, { task, skip });
      const maker = await kms.session();
      const { viewer } = await view(kms, maker, await publish(kms, maker));
      await viewer.untilReceived(20);
      await maker.drop();
      const droppedAt = performance.now();
      await waitFor('the media to stop', () => performance.now() - viewer.lastReceivedAt > 1_000, {
        timeoutMs: 2 * kms.periodMs + 3_000,
      });
      expect(viewer.lastReceivedAt - droppedAt).toBeGreaterThan(kms.periodMs - 500);
    },
  );

  kmsCase('a released endpoint is sent nothing more; its sister is', async ({ kms }) => {
    const session = await kms.session();
    const publication = await publish(kms, session);
    const [leaving, staying] = [await view(kms, session, publication), await view(kms, session, publication)];
    await Promise.all([leaving.viewer.untilReceived(10), staying.viewer.untilReceived(10)]);
    await session.release(leaving.endpoint);
    const releasedAt = performance.now();
    await staying.viewer.untilReceived(30, ['video']);
    expect(leaving.viewer.lastReceivedAt - releasedAt).toBeLessThan(500);
  });

  kmsCase('an endpoint may offer: the peer answers, and is sent media', async ({ kms }) => {
    const session = await kms.session();
    const { pipeline, endpoint: source } = await publish(kms, session);
    const endpoint = await watchedEndpoint(session, pipeline);
    await session.invoke(source, 'connect', { sink: endpoint });
    const viewer = peer(kms, 'receive');
    const answer = await viewer.answer(await session.invoke(endpoint, 'generateOffer'));
    await session.invoke(endpoint, 'processAnswer', { answer });
    await trickleTo(session, endpoint, candidate => viewer.addCandidate(candidate));
    await session.invoke(endpoint, 'gatherCandidates');
    await trickleFrom(session, endpoint, viewer);
    await viewer.untilReceived(20);
    await becomes(session, endpoint, 'ConnectionStateChanged', 'CONNECTED');
  });

  kmsCase(
    'endpoint to endpoint: one offers, the other answers, and the audience of the second is sent media',
    async ({ kms }) => {
      const [here, there] = [await kms.session(), await kms.session()];
      const { pipeline, endpoint: source } = await publish(kms, here);
      const leaving = await here.createEndpoint(pipeline);
      const farPipeline = await there.createPipeline();
      const arriving = await watchedEndpoint(there, farPipeline);
      await here.invoke(source, 'connect', { sink: leaving });

      const offer = await here.invoke(leaving, 'generateOffer');
      await here.invoke(leaving, 'processAnswer', {
        answer: await there.invoke(arriving, 'processOffer', { offer }),
      });
      await trickleTo(here, leaving, found => add(there, arriving, found));
      await trickleTo(there, arriving, found => add(here, leaving, found));
      await Promise.all([
        here.invoke(leaving, 'gatherCandidates'),
        there.invoke(arriving, 'gatherCandidates'),
      ]);

      await becomes(there, arriving, 'ConnectionStateChanged', 'CONNECTED');
      const { viewer } = await view(kms, there, {
        pipeline: farPipeline,
        endpoint: arriving,
        publisher: new WebRtcPeer('send'),
      });
      await viewer.untilReceived(20);
    },
  );
});

function add(session: KurentoSession, endpoint: string, found: PeerCandidate): void {
  session
    .invoke(endpoint, 'addIceCandidate', { candidate: { __type__: 'IceCandidate', ...found } })
    .catch(() => undefined);
}

/** As attachPeer, over a wire that can be cut: the endpoint is told no candidate of the peer. */
async function attachByWire(
  kms: KmsCase,
  session: KurentoSession,
  endpoint: string,
  by: WebRtcPeer,
): Promise<UdpWire> {
  const found: PeerCandidate[] = [];
  await trickleTo(session, endpoint, candidate => found.push(candidate));
  by.acceptAnswer(await session.invoke(endpoint, 'processOffer', { offer: await by.offer() }));
  await session.invoke(endpoint, 'gatherCandidates');
  const server = await waitFor('a candidate over UDP and IPv4', () => found.find(UdpWire.canCarry));
  const wire = await UdpWire.to(server);
  kms.atEnd(() => wire.close());
  by.addCandidate(wire.candidate);
  await by.untilConnected();
  return wire;
}
