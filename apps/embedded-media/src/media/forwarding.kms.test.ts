import { createLogger } from '@manycast/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import type { MediaEndpoint } from './media-endpoint.js';
import { SdpError } from './media-errors.js';
import { createMediaPlane, type MediaPlane } from './media-plane.js';
import { browserOffer } from './testing/browser-offer.js';
import { freeUdpPort } from './testing/free-udp-port.js';
import { type PeerCodecs, SyntheticPeer } from './testing/synthetic-peer.js';
import { until } from './testing/until.js';
import { VanishingPeer } from './testing/vanishing-peer.js';

const log = createLogger({ name: 'media-test', level: 'fatal' });
const closers: (() => void | Promise<void>)[] = [];

function plane(udpPort = 0): MediaPlane {
  const made = createMediaPlane({ host: '127.0.0.1', udpPort, log });
  closers.unshift(() => made.close());
  return made;
}

/** A peer that is connected to an endpoint of its own. */
async function joined(
  media: MediaPlane,
  role: 'publisher' | 'viewer',
  codecs: PeerCodecs,
  source?: MediaEndpoint,
) {
  const endpoint = media.createEndpoint({ id: role });
  const peer = new SyntheticPeer(role, codecs, role);
  closers.unshift(() => peer.close());
  const answer = await peer.join(endpoint);
  source?.connect(endpoint);
  await peer.connected();
  return { endpoint, peer, answer };
}

async function broadcast(media: MediaPlane, codecs: PeerCodecs = { opus: 111, vp8: 96 }) {
  const { endpoint, peer } = await joined(media, 'publisher', codecs);
  peer.startSending();
  await until('the broadcast flows', () => endpoint.isFlowingOut('VIDEO') && endpoint.isFlowingOut('AUDIO'));
  return { source: endpoint, publisher: peer };
}

function isUnbroken(numbers: number[]): boolean {
  return numbers.every((number, i) => i === 0 || number === (((numbers[i - 1] ?? 0) + 1) & 0xffff));
}

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

describe('a viewer', () => {
  it('gets sound and picture under its own payload types, as one unbroken stream each', async () => {
    const media = plane();
    const { source, publisher } = await broadcast(media);
    const { endpoint, peer, answer } = await joined(media, 'viewer', { opus: 109, vp8: 120 }, source);
    await until('picture and sound', () => peer.video.length > 20 && peer.audio.length > 20);
    expect(new Set(peer.video.map(packet => packet.payloadType))).toEqual(new Set([120]));
    expect(new Set(peer.audio.map(packet => packet.payloadType))).toEqual(new Set([109]));
    expect(isUnbroken(peer.video.map(packet => packet.sequenceNumber))).toBe(true);
    expect(isUnbroken(peer.audio.map(packet => packet.sequenceNumber))).toBe(true);
    const ssrc = peer.video[0]?.ssrc;
    expect(ssrc).not.toBe(publisher.videoSsrc);
    expect(answer).toContain(`a=ssrc:${ssrc} cname:`);
    expect(endpoint.stats().videoOut).toMatchObject({ ssrc });
    expect(endpoint.isFlowingIn('VIDEO')).toBe(true);
  });

  it('that comes late begins with a keyframe, at once, though the publisher sends none by itself', async () => {
    const media = plane();
    const { source, publisher } = await broadcast(media);
    await until('some pictures', () => (source.stats().videoIn?.packets ?? 0) > 30);
    const { peer } = await joined(media, 'viewer', { opus: 111, vp8: 96 }, source);
    const connectedAtMs = performance.now();
    await until('first picture', () => peer.video.length > 0);
    expect(performance.now() - connectedAtMs).toBeLessThan(1500);
    expect(peer.video[0]?.isKeyframeStart).toBe(true);
    expect(publisher.ofType('pli').length).toBeGreaterThan(0);
  });

  it('is never sent an inter frame first, and the publisher is asked until a keyframe comes', async () => {
    const media = plane();
    const { source, publisher } = await broadcast(media);
    publisher.answersPli = false;
    const { peer, endpoint } = await joined(media, 'viewer', { opus: 111, vp8: 96 }, source);
    await until('asked again', () => publisher.ofType('pli').length >= 3);
    expect(peer.video).toHaveLength(0);
    expect(endpoint.stats().videoOut?.dropped).toBeGreaterThan(0);
    publisher.sendVideo('key');
    await until('picture', () => peer.video.length > 3);
    expect(peer.video[0]?.isKeyframeStart).toBe(true);
    expect(peer.video[1]?.isKeyframeStart).toBe(false);
  });

  it('is served in the codec of the broadcast, H264 where that is all the publisher has', async () => {
    const media = plane();
    const { source } = await broadcast(media, { opus: 111, h264: 102 });
    const { peer } = await joined(media, 'viewer', { opus: 111, vp8: 96, h264: 125 }, source);
    await until('picture', () => peer.video.length > 5);
    expect(new Set(peer.video.map(packet => packet.payloadType))).toEqual(new Set([125]));
  });

  it('that misses packets gets them again, the same', async () => {
    const media = plane();
    const { source } = await broadcast(media);
    const { peer, endpoint } = await joined(media, 'viewer', { opus: 111, vp8: 96 }, source);
    await until('picture', () => peer.video.length > 10);
    const missed = peer.video.slice(-3);
    const before = peer.video.length;
    // SRTP would take a plain repetition for a replay: the client's receiver is asked for what it already has,
    // so what counts is what we sent.
    peer.sendNack(missed.map(packet => packet.sequenceNumber));
    await until('retransmitted', () => endpoint.stats().videoOut?.retransmitted === 3);
    expect(endpoint.stats().videoOut).toMatchObject({ nacks: 1 });
    await until('more', () => peer.video.length > before);
  });

  it('that asks for a picture reaches the publisher, and many that ask reach it once', async () => {
    const media = plane();
    const { source, publisher } = await broadcast(media);
    const viewers = await Promise.all(
      [1, 2, 3].map(() => joined(media, 'viewer', { opus: 111, vp8: 96 }, source)),
    );
    await until('pictures', () => viewers.every(({ peer }) => peer.video.length > 3));
    const before = publisher.ofType('pli').length;
    for (const { peer } of viewers) for (let i = 0; i < 5; i++) peer.sendPli();
    await until('asked', () => publisher.ofType('pli').length > before);
    await until('all arrived', () => viewers.every(({ endpoint }) => endpoint.stats().videoOut?.plis === 5));
    expect(publisher.ofType('pli').length - before).toBeLessThanOrEqual(2);
    expect(publisher.ofType('pli').at(-1)?.mediaSsrc).toBe(publisher.videoSsrc);
  });

  it('is told the time of sound and picture, and its round trip is known', async () => {
    const media = plane();
    const { source, publisher } = await broadcast(media);
    const { peer, endpoint } = await joined(media, 'viewer', { opus: 111, vp8: 96 }, source);
    publisher.startReporting();
    await until(
      'sender reports',
      () => new Set(peer.ofType('sender-report').map(report => report.ssrc)).size === 2,
    );
    peer.startReporting();
    await until('round trip', () => endpoint.stats().roundTripTimeMs !== undefined);
    expect(endpoint.stats().roundTripTimeMs).toBeLessThan(500);
    const videoReport = peer.ofType('sender-report').find(report => report.ssrc === peer.video[0]?.ssrc);
    const lastVideo = peer.video.at(-1);
    const behindS = (((videoReport?.rtpTimestamp ?? 0) - (lastVideo?.timestamp ?? 0)) | 0) / 90_000;
    expect(Math.abs(behindS)).toBeLessThan(3);
  });
});

describe('a publisher', () => {
  it('is reported to, and keeps a bitrate to send at', async () => {
    const media = plane();
    const { source, publisher } = await broadcast(media);
    source.setMaxVideoRecvBandwidth(900);
    await until('REMB', () => publisher.ofType('remb').some(remb => remb.bitrateBps <= 900_000));
    const remb = publisher.ofType('remb').at(-1);
    expect(remb?.ssrcs).toEqual([publisher.videoSsrc]);
    expect(remb?.bitrateBps).toBeGreaterThan(890_000);
    const reports = publisher.ofType('receiver-report').flatMap(message => message.reports);
    expect(new Set(reports.map(report => report.ssrc))).toEqual(
      new Set([publisher.audioSsrc, publisher.videoSsrc]),
    );
    expect(reports.at(-1)?.fractionLost).toBe(0);
  });

  it('is asked for what was lost on its way, and the repair reaches the viewer in place', async () => {
    const media = plane();
    const { source, publisher } = await broadcast(media);
    const { peer } = await joined(media, 'viewer', { opus: 111, vp8: 96 }, source);
    await until('picture', () => peer.video.length > 5);
    const lost = publisher.sequence & 0xffff;
    publisher.sendVideo('inter', { isLost: true });
    await until('asked for it', () =>
      publisher.ofType('nack').some(nack => nack.sequenceNumbers.includes(lost)),
    );
    publisher.sendVideo('inter', { sequence: lost });
    await until('whole again', () => {
      const numbers = peer.video.map(packet => packet.sequenceNumber);
      const sorted = numbers.map(number => (number - (numbers[0] ?? 0)) & 0xffff).sort((a, b) => a - b);
      return sorted.length > 10 && isUnbroken(sorted);
    });
  });

  it('that stops sending stops flowing, and flows again', async () => {
    const media = plane();
    const { source, publisher } = await broadcast(media);
    const changes: string[] = [];
    source.on('flow-out', ({ media: kind, isFlowing }) => changes.push(`${kind} ${isFlowing}`));
    publisher.stopSending();
    await until('silence', () => !source.isFlowingOut('VIDEO') && !source.isFlowingOut('AUDIO'));
    publisher.startSending();
    await until('sound and picture', () => source.isFlowingOut('VIDEO') && source.isFlowingOut('AUDIO'));
    expect(changes.sort()).toEqual(['AUDIO false', 'AUDIO true', 'VIDEO false', 'VIDEO true']);
  });
});

describe('between two media servers', () => {
  it('carries media down the chain, and the wish for a keyframe up', async () => {
    const [first, second] = [plane(), plane()];
    const { source, publisher } = await broadcast(first);
    const near = first.createEndpoint({ id: 'near' });
    const far = second.createEndpoint({ id: 'far' });
    near.on('candidate', candidate => far.addIceCandidate(candidate));
    far.on('candidate', candidate => near.addIceCandidate(candidate));
    source.connect(near);
    const answer = await far.processOffer(await near.generateOffer());
    near.gatherCandidates();
    far.gatherCandidates();
    expect(await near.processAnswer(answer)).toBe(near.localSdp);
    const { peer } = await joined(second, 'viewer', { opus: 109, vp8: 120 }, far);
    await until('picture and sound', () => peer.video.length > 20 && peer.audio.length > 20);
    expect(peer.video[0]?.isKeyframeStart).toBe(true);
    expect([near.connectionState, far.connectionState]).toEqual(['CONNECTED', 'CONNECTED']);

    await until('the link is quiet', () => peer.video.length > 30);
    const before = publisher.ofType('pli').length;
    peer.sendPli();
    await until('the publisher is asked', () => publisher.ofType('pli').length > before);
  });
});

describe('one UDP port', () => {
  it('serves everybody', async () => {
    const port = await freeUdpPort();
    const media = plane(port);
    const { source } = await broadcast(media);
    const viewers = await Promise.all(
      [1, 2, 3].map(() => joined(media, 'viewer', { opus: 111, vp8: 96 }, source)),
    );
    await until('pictures', () => viewers.every(({ peer }) => peer.video.length > 5));
    const ports = [source, ...viewers.map(viewer => viewer.endpoint)].map(
      endpoint => endpoint.stats().selectedPair?.local.port,
    );
    expect(ports).toEqual([port, port, port, port]);
  });

  it('that is taken is an error at once', async () => {
    const port = await freeUdpPort();
    plane(port);
    expect(() => createMediaPlane({ host: '127.0.0.1', udpPort: port, log })).toThrow();
  });
});

describe('a peer that goes', () => {
  it('is noticed when its process is killed', async () => {
    const media = plane();
    const endpoint = media.createEndpoint({ id: 'doomed' });
    const peer = await VanishingPeer.join(endpoint);
    closers.unshift(() => peer.kill());
    await until('media', () => (endpoint.stats().videoIn?.packets ?? 0) > 60);
    expect([endpoint.connectionState, endpoint.mediaState]).toEqual(['CONNECTED', 'CONNECTED']);
    peer.kill();
    await until('flow ends', () => !endpoint.isFlowingOut('VIDEO'));
    expect(endpoint.connectionState).toBe('CONNECTED');
    await until('DISCONNECTED', () => endpoint.connectionState === 'DISCONNECTED', 12_000);
    expect(endpoint.mediaState).toBe('DISCONNECTED');
  });
});

describe('an endpoint', () => {
  it('gathers only when told, and its answer holds no candidates', async () => {
    const endpoint = plane().createEndpoint({ id: 'trickle' });
    const events: string[] = [];
    endpoint.on('candidate', ({ candidate, sdpMid, sdpMLineIndex }) =>
      events.push(`${sdpMid} ${sdpMLineIndex} ${candidate}`),
    );
    endpoint.on('gathering-done', () => events.push('done'));
    endpoint.gatherCandidates();
    const answer = await endpoint.processOffer(
      browserOffer([
        { kind: 'application', mid: 'd', direction: 'sendrecv' },
        { kind: 'audio', mid: 'a', direction: 'recvonly' },
      ]),
    );
    expect(answer).not.toContain('a=candidate');
    expect(events).toEqual([]);
    endpoint.gatherCandidates();
    await until('done', () => events.at(-1) === 'done');
    expect(events[0]).toMatch(/^a 1 candidate:\S+ 1 UDP \d+ 127\.0\.0\.1 \d+ typ host/);
    expect(events).toHaveLength(2);
  });

  it('is as before after an offer it could not use', async () => {
    const endpoint = plane().createEndpoint({ id: 'patient' });
    await expect(endpoint.processOffer('garbage')).rejects.toThrow(SdpError);
    expect(endpoint.localSdp).toBeUndefined();
    const answer = await endpoint.processOffer(
      browserOffer([{ kind: 'audio', mid: '0', direction: 'recvonly' }]),
    );
    expect(endpoint.localSdp).toBe(answer);
    await expect(endpoint.processOffer(answer)).rejects.toMatchObject({ reason: 'already-negotiated' });
    await expect(endpoint.processAnswer(answer)).rejects.toMatchObject({ reason: 'already-negotiated' });
  });

  it('refuses an answer that is not to its offer', async () => {
    const endpoint = plane().createEndpoint({ id: 'offerer' });
    const answer = browserOffer([{ kind: 'audio', mid: 'audio0', direction: 'recvonly' }]);
    await expect(endpoint.processAnswer(answer)).rejects.toMatchObject({ reason: 'no-offer' });
    await endpoint.generateOffer();
    await expect(endpoint.processAnswer(answer)).rejects.toThrow(SdpError);
  });

  it('takes candidates of no use without a word, and answers an offer of nothing it knows', async () => {
    const endpoint = plane().createEndpoint({ id: 'lenient' });
    const at = { sdpMid: '0', sdpMLineIndex: 0 };
    endpoint.addIceCandidate({ candidate: '', ...at });
    const answer = await endpoint.processOffer(
      browserOffer([{ kind: 'application', mid: '0', direction: 'sendrecv' }]),
    );
    expect(answer).toMatch(/^m=application 0 /m);
    endpoint.addIceCandidate({ candidate: 'candidate:1 1 udp 1 aaaa.local 9 typ host', ...at });
    let isDone = false;
    endpoint.on('gathering-done', () => {
      isDone = true;
    });
    endpoint.gatherCandidates();
    await until('done', () => isDone);
  });

  it('says nothing once it is closed, however often it is', async () => {
    const media = plane();
    const { source } = await broadcast(media);
    const { endpoint, peer } = await joined(media, 'viewer', { opus: 111, vp8: 96 }, source);
    await until('media', () => endpoint.isFlowingIn('VIDEO') && endpoint.isFlowingIn('AUDIO'));
    const events: string[] = [];
    for (const event of ['connection-state', 'media-state', 'flow-in', 'ice-state'] as const) {
      endpoint.on(event, () => events.push(event));
    }
    endpoint.close();
    endpoint.close();
    await until('the peer is told', () => peer.ofType('bye').length > 0);
    const forwarded = peer.video.length;
    const received = source.stats().videoIn?.packets ?? 0;
    await until('the broadcast goes on', () => (source.stats().videoIn?.packets ?? 0) > received + 10);
    expect(peer.video.length - forwarded).toBeLessThanOrEqual(1);
    endpoint.gatherCandidates();
    endpoint.requestKeyframe();
    await expect(endpoint.processOffer('v=0')).rejects.toMatchObject({ reason: 'closed' });
    expect(events).toEqual([]);
  });
});
