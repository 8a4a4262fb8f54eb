import { describe, expect, it } from 'vitest';
import { decodeClientMessage } from './decode.js';
import { SignalError } from './signal-error.js';

function refusal(value: unknown): SignalError {
  try {
    decodeClientMessage(typeof value === 'string' ? value : JSON.stringify(value), 'tutorial');
  } catch (error) {
    if (error instanceof SignalError) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('decodeClientMessage', () => {
  it('reads what a tutorial page sends: no room is the default room', () => {
    expect(decodeClientMessage('{"id":"viewer","sdpOffer":"v=0"}', 'tutorial')).toEqual({
      id: 'viewer',
      sdpOffer: 'v=0',
      room: 'default',
    });
  });

  it('reads a candidate as browsers write it, with and without its optional fields', () => {
    const candidate = {
      candidate: 'candidate:1 1 udp 1 a.local 9 typ host',
      sdpMid: '0',
      sdpMLineIndex: 0,
      usernameFragment: 'u',
    };
    expect(decodeClientMessage(JSON.stringify({ id: 'onIceCandidate', candidate }), 'tutorial')).toEqual({
      id: 'onIceCandidate',
      candidate,
    });
    expect(
      decodeClientMessage(JSON.stringify({ id: 'onIceCandidate', candidate: { candidate: '' } }), 'tutorial'),
    ).toMatchObject({
      candidate: { candidate: '', sdpMid: null, sdpMLineIndex: null },
    });
  });

  it.each([
    ['{bad', 'invalid-json', undefined],
    ['', 'invalid-json', undefined],
    ['null', 'invalid-message', 'id'],
    ['[]', 'invalid-message', 'id'],
    [{ id: 7 }, 'invalid-message', 'id'],
    [{ id: 'constructor' }, 'unknown-message', 'id'],
    [{ id: 'presenter' }, 'invalid-message', 'sdpOffer'],
    [{ id: 'presenter', sdpOffer: 7 }, 'invalid-message', 'sdpOffer'],
    [{ id: 'presenter', sdpOffer: '' }, 'invalid-message', 'sdpOffer'],
    [{ id: 'viewer', sdpOffer: 'v', room: '../etc' }, 'invalid-message', 'room'],
    [{ id: 'viewer', sdpOffer: 'v', room: null }, 'invalid-message', 'room'],
    [{ id: 'onIceCandidate' }, 'invalid-message', 'candidate'],
    [{ id: 'onIceCandidate', candidate: null }, 'invalid-message', 'candidate'],
    [
      { id: 'onIceCandidate', candidate: { candidate: 'c', sdpMid: 7 } },
      'invalid-message',
      'candidate.sdpMid',
    ],
  ])('refuses %j as %s and names the field', (value, code, field) => {
    expect(refusal(value)).toMatchObject({ code, field });
  });

  it('names the limit that a field is over', () => {
    expect(refusal({ id: 'viewer', sdpOffer: 'x'.repeat(32_769) })).toMatchObject({
      code: 'too-large',
      message: 'sdpOffer: at most 32768 characters',
    });
  });

  it('takes the messages of manycast.v1 from those who speak it only', () => {
    const resume = { id: 'resume', resumeToken: 't', seq: 3 };
    expect(decodeClientMessage(JSON.stringify(resume), 'manycast.v1')).toEqual(resume);
    expect(refusal(resume)).toMatchObject({ code: 'unknown-message' });
  });
});
