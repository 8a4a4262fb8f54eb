import type { EmbeddedMedia } from '../support/embedded-media.js';
import type { SignalingNode } from '../support/signaling-node.js';
import type { Target } from './fuzz-run.js';

const candidate = { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 };

/** Few, so that those who were sent there meet. */
export const fuzzedRooms = ['default', 'a', 'b'] as const;

/** A node, by the messages that its clients send. */
export function nodeTarget(
  { port, process }: SignalingNode,
  offers: { presenter: string; viewer: string },
): Target {
  const messages = [
    ...fuzzedRooms.flatMap(room => [
      { id: 'presenter', sdpOffer: 'v=0', room },
      { id: 'viewer', sdpOffer: 'v=0', room },
    ]),
    { id: 'presenter', sdpOffer: offers.presenter.slice(0, 1_500), room: 'a' },
    { id: 'viewer', sdpOffer: offers.viewer.slice(0, 1_500), room: 'a' },
    { id: 'onIceCandidate', candidate },
    { id: 'onIceCandidate', candidate: null },
    { id: 'stop' },
    { id: 'leave' },
    { id: 'ping' },
    { id: 'resume', resumeToken: 'e30.e30', seq: 0 },
    { id: 'authorize', token: 'a.b.c' },
    { id: 'chat', text: 'hello', clientId: 'x' },
    { id: 'chatHistory', before: 10 },
  ].map(message => JSON.stringify(message));
  return { name: 'node', port, path: '/one2many', messages, isAlive: () => process.isRunning() };
}

/** A media server, by Kurento's JSON-RPC. */
export function mediaTarget({ port, process }: EmbeddedMedia): Target {
  const call = (method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const messages = [
    call('connect', {}),
    call('connect', { sessionId: 'stranger' }),
    call('ping', { interval: 240_000 }),
    call('create', { type: 'MediaPipeline' }),
    call('create', { type: 'WebRtcEndpoint', constructorParams: { mediaPipeline: 'nothing' } }),
    call('describe', { object: 'manager_ServerManager' }),
    call('invoke', { object: 'manager_ServerManager', operation: 'getInfo' }),
    call('invoke', { object: 'manager_ServerManager', operation: 'getPipelines', operationParams: {} }),
    call('invoke', { object: 'nothing', operation: 'processOffer', operationParams: { offer: 'v=0' } }),
    call('subscribe', { object: 'nothing', type: 'IceCandidateFound' }),
    call('unsubscribe', { object: 'nothing', subscription: 'x' }),
    call('ref', { object: 'nothing' }),
    call('unref', { object: 'nothing' }),
    call('release', { object: 'nothing' }),
    call('transaction', {
      operations: [
        { jsonrpc: '2.0', id: 0, method: 'create', params: { type: 'MediaPipeline' } },
        {
          jsonrpc: '2.0',
          id: 1,
          method: 'create',
          params: { type: 'WebRtcEndpoint', constructorParams: { mediaPipeline: 'newref:0' } },
        },
        {
          jsonrpc: '2.0',
          id: 2,
          method: 'invoke',
          params: { object: 'newref:1', operation: 'generateOffer' },
        },
      ],
    }),
    call('closeSession', {}),
  ];
  return { name: 'media', port, path: '/kurento', messages, isAlive: () => process.isRunning() };
}
