import { afterEach, describe, expect, it } from 'vitest';
import { isUnbroken, Stage } from './testing/stage.js';
import { until } from './testing/until.js';

const stage = new Stage();
afterEach(() => stage.end());

describe('a viewer', () => {
  it('gets sound and picture under its own payload types, as one unbroken stream each', async () => {
    const media = stage.plane();
    const { source, publisher } = await stage.broadcast(media);
    const { endpoint, peer, answer } = await stage.joined(media, 'viewer', { opus: 109, vp8: 120 }, source);
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
    const media = stage.plane();
    const { source, publisher } = await stage.broadcast(media);
    await until('some pictures', () => (source.stats().videoIn?.packets ?? 0) > 30);
    const { peer } = await stage.joined(media, 'viewer', { opus: 111, vp8: 96 }, source);
    const connectedAtMs = performance.now();
    await until('first picture', () => peer.video.length > 0);
    expect(performance.now() - connectedAtMs).toBeLessThan(1500);
    expect(peer.video[0]?.isKeyframeStart).toBe(true);
    expect(publisher.ofType('pli').length).toBeGreaterThan(0);
  });

  it('is never sent an inter frame first, and the publisher is asked until a keyframe comes', async () => {
    const media = stage.plane();
    const { source, publisher } = await stage.broadcast(media);
    publisher.answersPli = false;
    const { peer, endpoint } = await stage.joined(media, 'viewer', { opus: 111, vp8: 96 }, source);
    await until('asked again', () => publisher.ofType('pli').length >= 3);
    expect(peer.video).toHaveLength(0);
    expect(endpoint.stats().videoOut?.dropped).toBeGreaterThan(0);
    publisher.sendVideo('key');
    await until('picture', () => peer.video.length > 3);
    expect(peer.video[0]?.isKeyframeStart).toBe(true);
    expect(peer.video[1]?.isKeyframeStart).toBe(false);
  });

  it('is served in the codec of the broadcast, H264 where that is all the publisher has', async () => {
    const media = stage.plane();
    const { source } = await stage.broadcast(media, { opus: 111, h264: 102 });
    const { peer } = await stage.joined(media, 'viewer', { opus: 111, vp8: 96, h264: 125 }, source);
    await until('picture', () => peer.video.length > 5);
    expect(new Set(peer.video.map(packet => packet.payloadType))).toEqual(new Set([125]));
  });

  it('that misses packets gets them again, the same', async () => {
    const media = stage.plane();
    const { source } = await stage.broadcast(media);
    const { peer, endpoint } = await stage.joined(media, 'viewer', { opus: 111, vp8: 96 }, source);
    await until('picture', () => peer.video.length > 10);
    const missed = peer.video.slice(-3);
    const before = peer.video.length;
    // The client's SRTP drops what it has had already, so the proof is in what went out.
    peer.sendNack(missed.map(packet => packet.sequenceNumber));
    await until('retransmitted', () => endpoint.stats().videoOut?.retransmitted === 3);
    expect(endpoint.stats().videoOut).toMatchObject({ nacks: 1 });
    await until('more', () => peer.video.length > before);
  });

  it('that asks for a picture reaches the publisher, and many that ask reach it once', async () => {
    const media = stage.plane();
    const { source, publisher } = await stage.broadcast(media);
    const viewers = await Promise.all(
      [1, 2, 3].map(() => stage.joined(media, 'viewer', { opus: 111, vp8: 96 }, source)),
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
    const media = stage.plane();
    const { source, publisher } = await stage.broadcast(media);
    const { peer, endpoint } = await stage.joined(media, 'viewer', { opus: 111, vp8: 96 }, source);
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
