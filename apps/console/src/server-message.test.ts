import { describe, expect, it } from 'vitest';
import { readServerMessage } from './server-message.js';

const read = (value: unknown) => readServerMessage(JSON.stringify(value));

describe('a frame from the server', () => {
  it('is an acceptance only with an answer in it', () => {
    expect(read({ id: 'viewerResponse', response: 'accepted', sdpAnswer: 'v=0' })).toEqual({
      id: 'viewerResponse',
      response: 'accepted',
      sdpAnswer: 'v=0',
    });
    expect(read({ id: 'presenterResponse', response: 'accepted' })).toMatchObject({ response: 'rejected' });
  });

  it('is a rejection with code, message and hint, each of which may be missing', () => {
    expect(
      read({
        id: 'presenterResponse',
        response: 'rejected',
        message: 'full',
        code: 'pool-full',
        retryAfterMs: 500,
      }),
    ).toEqual({
      id: 'presenterResponse',
      response: 'rejected',
      message: 'full',
      code: 'pool-full',
      retryAfterMs: 500,
    });
    expect(read({ id: 'viewerResponse', response: 'rejected', message: { stack: 'x' } })).toEqual({
      id: 'viewerResponse',
      response: 'rejected',
      message: '',
      code: '',
    });
  });

  it('is a candidate with what the tutorial’s server adds left out', () => {
    expect(
      read({
        id: 'iceCandidate',
        candidate: { __type__: 'IceCandidate', candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 },
      }),
    ).toEqual({ id: 'iceCandidate', candidate: { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 } });
    expect(read({ id: 'iceCandidate', candidate: { candidate: 'candidate:1' } })).toMatchObject({
      candidate: { sdpMid: null, sdpMLineIndex: null },
    });
  });

  it('is an end or an error', () => {
    expect(read({ id: 'stopCommunication' })).toEqual({ id: 'stopCommunication' });
    expect(read({ id: 'error', message: 'm', code: 'bad-sdp' })).toEqual({
      id: 'error',
      message: 'm',
      code: 'bad-sdp',
    });
  });

  it.each([
    '}{',
    '',
    'null',
    '[]',
    '7',
    '{"id":7}',
    '{"id":"chat"}',
    '{"id":"iceCandidate","candidate":null}',
  ])('is nothing at all: %s', frame => {
    expect(readServerMessage(frame)).toBeUndefined();
  });

  it('is nothing when it is binary', () => {
    expect(readServerMessage(new ArrayBuffer(4))).toBeUndefined();
  });
});
