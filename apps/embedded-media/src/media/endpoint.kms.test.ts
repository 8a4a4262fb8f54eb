import { afterEach, describe, expect, it } from 'vitest';
import { SdpError } from './media-errors.js';
import { browserOffer } from './testing/browser-offer.js';
import { Stage } from './testing/stage.js';
import { until } from './testing/until.js';
import { VanishingPeer } from './testing/vanishing-peer.js';

const stage = new Stage();
afterEach(() => stage.end());

describe('a peer that goes', () => {
  it('is noticed when its process is killed', async () => {
    const media = stage.plane();
    const endpoint = media.createEndpoint({ id: 'doomed' });
    const peer = await VanishingPeer.join(endpoint);
    stage.onEnd(() => peer.kill());
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
    const endpoint = stage.plane().createEndpoint({ id: 'trickle' });
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
    const endpoint = stage.plane().createEndpoint({ id: 'patient' });
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
    const endpoint = stage.plane().createEndpoint({ id: 'offerer' });
    const answer = browserOffer([{ kind: 'audio', mid: 'audio0', direction: 'recvonly' }]);
    await expect(endpoint.processAnswer(answer)).rejects.toMatchObject({ reason: 'no-offer' });
    await endpoint.generateOffer();
    await expect(endpoint.processAnswer(answer)).rejects.toThrow(SdpError);
  });

  it('takes candidates of no use without a word, and answers an offer of nothing it knows', async () => {
    const endpoint = stage.plane().createEndpoint({ id: 'lenient' });
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
    const media = stage.plane();
    const { source } = await stage.broadcast(media);
    const { endpoint, peer } = await stage.joined(media, 'viewer', { opus: 111, vp8: 96 }, source);
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
