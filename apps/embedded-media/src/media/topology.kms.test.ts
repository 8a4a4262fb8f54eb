import { afterEach, describe, expect, it } from 'vitest';
import { freeUdpPort } from './testing/free-udp-port.js';
import { Stage } from './testing/stage.js';
import { until } from './testing/until.js';

const stage = new Stage();
afterEach(() => stage.end());

describe('between two media servers', () => {
  it('carries media down the chain, and the wish for a keyframe up', async () => {
    const [first, second] = [stage.plane(), stage.plane()];
    const { source, publisher } = await stage.broadcast(first);
    const near = first.createEndpoint({ id: 'near' });
    const far = second.createEndpoint({ id: 'far' });
    near.on('candidate', candidate => far.addIceCandidate(candidate));
    far.on('candidate', candidate => near.addIceCandidate(candidate));
    source.connect(near);
    const answer = await far.processOffer(await near.generateOffer());
    near.gatherCandidates();
    far.gatherCandidates();
    expect(await near.processAnswer(answer)).toBe(near.localSdp);
    const { peer } = await stage.joined(second, 'viewer', { opus: 109, vp8: 120 }, far);
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
    const media = stage.plane(port);
    const { source } = await stage.broadcast(media);
    const viewers = await Promise.all(
      [1, 2, 3].map(() => stage.joined(media, 'viewer', { opus: 111, vp8: 96 }, source)),
    );
    await until('pictures', () => viewers.every(({ peer }) => peer.video.length > 5));
    const ports = [source, ...viewers.map(viewer => viewer.endpoint)].map(
      endpoint => endpoint.stats().selectedPair?.local.port,
    );
    expect(ports).toEqual([port, port, port, port]);
  });

  it('that is taken is an error at once', async () => {
    const port = await freeUdpPort();
    stage.plane(port);
    expect(() => stage.plane(port)).toThrow();
  });
});
