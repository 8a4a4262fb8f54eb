import { beforeEach, describe, expect, it } from 'vitest';
import { SdpError } from '../media/media-errors.js';
import { dispatching } from '../testing/dispatching.js';

const sdp = 'v=0\r\n';
let at: ReturnType<typeof dispatching>;
let pipeline: string;
let endpoint: string;

beforeEach(async () => {
  at = dispatching();
  pipeline = await at.create('MediaPipeline');
  endpoint = await at.create('WebRtcEndpoint', { mediaPipeline: pipeline });
});

const code = async (operation: string, params = {}) =>
  (await at.invoke(endpoint, operation, params)).error?.code;

describe('negotiation', () => {
  it('happens once: a second offer of either kind is refused with 40208', async () => {
    expect(await code('processOffer', { offer: sdp })).toBeUndefined();
    expect(await code('processOffer', { offer: sdp })).toBe(40208);
    expect(await code('generateOffer')).toBe(40208);
    expect(await code('processAnswer', { answer: sdp })).toBe(40209);
  });

  it('as offerer: offer, answer, and no second answer (40210)', async () => {
    expect(await code('processAnswer', { answer: sdp })).toBe(40209);
    expect(await code('generateOffer')).toBeUndefined();
    expect(await code('generateOffer')).toBe(40208);
    expect(await code('processAnswer', { answer: 'garbage' })).toBe(40201);
    expect(await code('processAnswer', { answer: sdp })).toBeUndefined();
    expect(await code('processAnswer', { answer: sdp })).toBe(40210);
  });

  it('may be tried again after an offer that cannot be used (40201) or that failed (40205)', async () => {
    expect(await code('processOffer', { offer: '' })).toBe(40201);
    expect(await code('processOffer', { offer: 'hello' })).toBe(40201);
    at.plane.endpoint(endpoint).nextStep = () => Promise.reject(new SdpError('no'));
    expect(await code('processOffer', { offer: sdp })).toBe(40201);
    at.plane.endpoint(endpoint).nextStep = () => Promise.reject(new Error('native trouble'));
    expect(await code('processOffer', { offer: sdp })).toBe(40205);
    expect(await code('processOffer', { offer: sdp })).toBeUndefined();
  });

  it('a second one is refused while the first is under way', async () => {
    let finish: (answer: string) => void = () => {};
    at.plane.endpoint(endpoint).nextStep = () =>
      new Promise(resolve => {
        finish = resolve;
      });
    const first = code('processOffer', { offer: sdp });
    expect(await code('processOffer', { offer: sdp })).toBe(40208);
    finish(sdp);
    expect(await first).toBeUndefined();
  });

  it('ends with 40101 when the endpoint is released meanwhile, even if media never answer', async () => {
    at.plane.endpoint(endpoint).nextStep = () => new Promise(() => {});
    const asked = code('processOffer', { offer: sdp });
    await at.request('release', { object: pipeline });
    expect(await asked).toBe(40101);
  });

  it('has descriptions only afterwards: 40202, 40203', async () => {
    expect(await code('getLocalSessionDescriptor')).toBe(40202);
    expect(await code('getRemoteSessionDescriptor')).toBe(40203);
    await at.invoke(endpoint, 'processOffer', { offer: sdp });
    expect((await at.invoke(endpoint, 'getRemoteSessionDescriptor')).result.value).toBe(sdp);
  });
});

describe('candidates', () => {
  it('need all three members; null is read as empty or 0', async () => {
    expect(await code('addIceCandidate', { candidate: { candidate: 'c' } })).toBe(40001);
    expect(await code('addIceCandidate', { candidate: 'c' })).toBe(40001);
    const candidate = { candidate: 'c', sdpMid: null, sdpMLineIndex: null };
    expect(await code('addIceCandidate', { candidate })).toBeUndefined();
    expect(at.plane.endpoint(endpoint).addedCandidates).toEqual([
      { candidate: 'c', sdpMid: '', sdpMLineIndex: 0 },
    ]);
  });
});

describe('settings', () => {
  it('are read back as they were set, and checked', async () => {
    expect(await code('setStunServerAddress', { stunServerAddress: '1.2.3.4' })).toBeUndefined();
    expect((await at.invoke(endpoint, 'getStunServerAddress')).result.value).toBe('1.2.3.4');
    expect((await at.invoke(endpoint, 'getStunServerPort')).result.value).toBe(3478);
    expect(await code('setStunServerPort', { stunServerPort: 'many' })).toBe(40001);
    expect(await code('setMaxVideoSendBandwidth', { maxVideoSendBandwidth: 2000 })).toBeUndefined();
    expect((await at.invoke(endpoint, 'getMaxVideoSendBandwidth')).result.value).toBe(2000);
  });
});
