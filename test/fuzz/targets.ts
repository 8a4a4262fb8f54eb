import type { SignalingNode } from '../support/signaling-node.js';
import type { Target } from './fuzz-run.js';

const candidate = { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 };

/** A node, by the messages that its clients send; few rooms, so that they meet. */
export function nodeTarget(
  { port, process }: SignalingNode,
  offers: { presenter: string; viewer: string },
): Target {
  const rooms = ['default', 'a', 'b'];
  const messages = [
    ...rooms.flatMap(room => [
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
