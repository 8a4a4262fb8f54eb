import { describe, expect } from 'vitest';
import type { KurentoSession } from '../support/kurento-session.js';
import { type KmsCase, kmsCase } from './kms-case.js';
import { OFFER, SIMULCAST_OFFER } from './sample-offer.js';

async function freshEndpoint(kms: KmsCase): Promise<{ session: KurentoSession; endpoint: string }> {
  const session = await kms.session();
  return { session, endpoint: await session.createEndpoint(await session.createPipeline()) };
}

const codeOf = async (
  session: KurentoSession,
  object: string,
  operation: string,
  operationParams: object = {},
) => (await session.request('invoke', { object, operation, operationParams })).error?.code;

const lines = (sdp: string, pattern: RegExp) => sdp.split('\r\n').filter(line => pattern.test(line));

describe.concurrent('negotiation', () => {
  kmsCase(
    'processOffer answers the media of the offer, in its order, with what ICE and DTLS need',
    async ({ kms }) => {
      const { session, endpoint } = await freshEndpoint(kms);
      const answer: string = await session.invoke(endpoint, 'processOffer', { offer: OFFER });
      expect(lines(answer, /^m=/).map(line => line.split(' ')[0])).toEqual(['m=audio', 'm=video']);
      expect(lines(answer, /^m=\S+ 0 /)).toEqual([]);
      expect(lines(answer, /^a=mid:/)).toEqual(['a=mid:audio', 'a=mid:video']);
      expect(lines(answer, /^a=group:BUNDLE/)).toEqual(['a=group:BUNDLE audio video']);
      expect(lines(answer, /^a=recvonly$/)).toHaveLength(2);
      for (const needed of [
        /^a=ice-ufrag:/,
        /^a=ice-pwd:/,
        /^a=fingerprint:sha-/,
        /^a=setup:(active|passive)$/,
        /^a=rtcp-mux/,
      ]) {
        expect(lines(answer, needed).length, String(needed)).toBeGreaterThan(0);
      }
      expect(answer).toMatch(/a=rtpmap:111 opus\/48000/i);
      expect(answer).toMatch(/a=rtpmap:96 VP8\/90000/i);
    },
  );

  kmsCase('the local description is the answer, the remote one the offer', async ({ kms }) => {
    const { session, endpoint } = await freshEndpoint(kms);
    const answer = await session.invoke(endpoint, 'processOffer', { offer: OFFER });
    const local = await session.invoke(endpoint, 'getLocalSessionDescriptor');
    expect(lines(local, /^a=ice-(ufrag|pwd):/)).toEqual(lines(answer, /^a=ice-(ufrag|pwd):/));
    const remote = await session.invoke(endpoint, 'getRemoteSessionDescriptor');
    expect(lines(remote, /^a=ice-ufrag:/)[0]).toBe('a=ice-ufrag:zud5');
  });

  kmsCase('generateOffer offers audio and video, both ways', async ({ kms }) => {
    const { session, endpoint } = await freshEndpoint(kms);
    const offer: string = await session.invoke(endpoint, 'generateOffer');
    expect(
      lines(offer, /^m=/)
        .map(line => line.split(' ')[0])
        .sort(),
    ).toEqual(['m=audio', 'm=video']);
    expect(lines(offer, /^a=(sendonly|recvonly|inactive)/)).toEqual([]);
    expect(offer).toMatch(/a=setup:actpass/);
  });

  for (const first of ['processOffer', 'generateOffer']) {
    for (const second of ['processOffer', 'generateOffer']) {
      kmsCase(
        `${second} after ${first} is refused with 40208: no renegotiation, no ICE restart`,
        async ({ kms }) => {
          const { session, endpoint } = await freshEndpoint(kms);
          await session.invoke(endpoint, first, { offer: OFFER });
          expect(await codeOf(session, endpoint, second, { offer: OFFER })).toBe(40208);
        },
      );
    }
  }

  kmsCase('an answer without an offer is refused with 40209, also after processOffer', async ({ kms }) => {
    const { session, endpoint } = await freshEndpoint(kms);
    expect(await codeOf(session, endpoint, 'processAnswer', { answer: OFFER })).toBe(40209);
    await session.invoke(endpoint, 'processOffer', { offer: OFFER });
    expect(await codeOf(session, endpoint, 'processAnswer', { answer: OFFER })).toBe(40209);
  });

  kmsCase('a bad offer (40201) leaves the endpoint as fresh as it was', async ({ kms }) => {
    const { session, endpoint } = await freshEndpoint(kms);
    for (const offer of ['', 'not an offer']) {
      expect(await codeOf(session, endpoint, 'processOffer', { offer })).toBe(40201);
    }
    expect(await codeOf(session, endpoint, 'getLocalSessionDescriptor')).toBe(40202);
    expect(await session.invoke(endpoint, 'processOffer', { offer: OFFER })).toMatch(/^v=0/);
  });

  kmsCase('no simulcast: an offer of three sizes is answered with one', async ({ kms }) => {
    const { session, endpoint } = await freshEndpoint(kms);
    const answer = await session.invoke(endpoint, 'processOffer', { offer: SIMULCAST_OFFER });
    expect(lines(answer, /^a=(simulcast|rid)/)).toEqual([]);
  });

  kmsCase('gatherCandidates tells each candidate, then that it is done', async ({ kms }) => {
    const { session, endpoint } = await freshEndpoint(kms);
    for (const event of ['IceCandidateFound', 'IceGatheringDone']) await session.subscribe(endpoint, event);
    const answer: string = await session.invoke(endpoint, 'processOffer', { offer: OFFER });
    expect(lines(answer, /^a=candidate:/)).toEqual([]);
    await session.invoke(endpoint, 'gatherCandidates');
    await session.socket.event('IceGatheringDone', endpoint);
    const found = session.socket.events('IceCandidateFound', endpoint);
    expect(found.length).toBeGreaterThan(0);
    for (const { candidate, source, type } of found) {
      expect({ source, type }).toEqual({ source: endpoint, type: 'IceCandidateFound' });
      expect(candidate).toMatchObject({
        candidate: expect.stringMatching(/^candidate:\S+ [12] (udp|tcp) \d+ \S+ \d+ typ /i),
        sdpMid: expect.stringMatching(/^(audio|video)$/),
        sdpMLineIndex: expect.any(Number),
      });
    }
    const types = session.socket.notifications.map(({ params }) => params.value.type);
    expect(types.lastIndexOf('IceCandidateFound')).toBeLessThan(types.indexOf('IceGatheringDone'));
  });

  kmsCase(
    'gatherCandidates and addIceCandidate before any SDP answer success and do nothing',
    async ({ kms }) => {
      const { session, endpoint } = await freshEndpoint(kms);
      for (const event of ['IceCandidateFound', 'IceGatheringDone']) await session.subscribe(endpoint, event);
      await session.invoke(endpoint, 'gatherCandidates');
      await session.invoke(endpoint, 'addIceCandidate', { candidate: candidate('127.0.0.1') });
      await session.invoke(endpoint, 'getTags');
      expect(session.socket.notifications).toEqual([]);
      expect(await session.invoke(endpoint, 'processOffer', { offer: OFFER })).toMatch(/^v=0/);
    },
  );

  kmsCase(
    'candidates of hidden addresses (.local) and the end of candidates are harmless',
    async ({ kms }) => {
      const { session, endpoint } = await freshEndpoint(kms);
      await session.invoke(endpoint, 'processOffer', { offer: OFFER });
      await session.invoke(endpoint, 'gatherCandidates');
      const hidden = candidate('5f7a1f26-8d0f-4b52-9f8e-0b7c0e8c4f11.local');
      await session.invoke(endpoint, 'addIceCandidate', { candidate: hidden });
      await session.invoke(endpoint, 'addIceCandidate', { candidate: { ...hidden, candidate: '' } });
      expect((await session.describe(endpoint)).type).toBe('WebRtcEndpoint');
    },
  );

  kmsCase('an endpoint without a peer is disconnected, and nothing flows', async ({ kms }) => {
    const { session, endpoint } = await freshEndpoint(kms);
    await session.invoke(endpoint, 'processOffer', { offer: OFFER });
    expect(await session.invoke(endpoint, 'getConnectionState')).toBe('DISCONNECTED');
    expect(await session.invoke(endpoint, 'getMediaState')).toBe('DISCONNECTED');
    for (const operation of ['isMediaFlowingIn', 'isMediaFlowingOut']) {
      expect(await session.invoke(endpoint, operation, { mediaType: 'VIDEO' })).toBe(false);
    }
  });
});

const candidate = (address: string) => ({
  __type__: 'IceCandidate',
  candidate: `candidate:1 1 UDP 2122252543 ${address} 50000 typ host`,
  sdpMid: 'audio',
  sdpMLineIndex: 0,
});
