import type { ServerMessage } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { readServerMessage } from './server-message.js';

const room = { state: 'live', generation: 1, seq: 4 } as const;
const messages: ServerMessage[] = [
  { id: 'welcome', session: 's', resumeToken: 't', node: 'n', nodes: [], heartbeatMs: 1_000, iceServers: [] },
  {
    id: 'resumed',
    resumeToken: 't',
    node: 'n',
    events: [{ id: 'room', type: 'presenter-live', generation: 1, seq: 4 }],
    isComplete: true,
    room,
    renegotiate: false,
  },
  { id: 'resumeRejected', code: 'bad-token', message: 'm' },
  { id: 'viewerResponse', response: 'accepted', sdpAnswer: 'v=0' },
  { id: 'presenterResponse', response: 'rejected', message: 'm', code: 'pool-full', retryAfterMs: 500 },
  { id: 'iceCandidate', candidate: { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 } },
  { id: 'room', type: 'presenter-left', generation: 1, seq: 5 },
  { id: 'renegotiate', reason: 'media-moved', generation: 2 },
  { id: 'goaway', afterMs: 0 },
  { id: 'stopCommunication' },
  { id: 'error', code: 'bad-sdp', message: 'm' },
  { id: 'pong' },
];

describe('a frame from the server', () => {
  it.each(messages.map(message => [message.id, message]))('is a %s', (_id, message) => {
    expect(readServerMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each([
    '}{',
    '',
    'null',
    '[]',
    '7',
    '{"id":7}',
    '{"id":"chat"}',
    '{"id":"constructor"}',
    '{"id":"iceCandidate","candidate":null}',
    '{"id":"viewerResponse","response":"accepted"}',
    '{"id":"welcome","resumeToken":"t"}',
    '{"id":"welcome","resumeToken":"t","heartbeatMs":0}',
    '{"id":"resumed","resumeToken":"t","room":{},"events":[null]}',
    '{"id":"room","type":"presenter-live"}',
  ])('is nothing at all: %s', frame => {
    expect(readServerMessage(frame)).toBeUndefined();
  });

  it('is nothing when it is binary', () => {
    expect(readServerMessage(new ArrayBuffer(4))).toBeUndefined();
  });
});
