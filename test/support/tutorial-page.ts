import type { Json } from './kurento-rpc.js';
import { waitFor } from './wait-for.js';
import { type Direction, type PeerCandidate, WebRtcPeer } from './webrtc-peer.js';
import type { WireClient } from './wire-client.js';

type Role = 'presenter' | 'viewer';
const directions: Record<Role, Direction> = { presenter: 'send', viewer: 'receive' };

/**
 * What the official one2many page does with its socket, with a real peer behind it. Where the page would throw,
 * or lean on its tolerance, the fault is noted: `faults` must stay empty.
 */
export class TutorialPage {
  readonly faults: string[] = [];
  peer: WebRtcPeer | undefined;
  #isAnswered = false;

  constructor(readonly wire: WireClient) {
    wire.onMessage = message => this.#receive(message);
  }

  /** Offers to send; resolves with the node's response, accepted or rejected. */
  present(room?: string): Promise<Json> {
    return this.#join('presenter', room);
  }

  watch(room?: string): Promise<Json> {
    return this.#join('viewer', room);
  }

  /** Presents and sends media: resolves when packets go out. */
  async broadcast(room?: string): Promise<void> {
    const response = await this.present(room);
    if (response.response !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(response)}`);
    await this.#media.untilConnected();
    this.#media.startSending();
  }

  /** Resolves when that many packets of each medium came. */
  async untilSeen(packets = 5): Promise<void> {
    await this.#media.untilReceived(packets);
  }

  /** Resolves when no packet came for a while: many times the pause between two. */
  async untilSilent(silenceMs = 300): Promise<void> {
    const { lastReceivedAt } = this.#media;
    await waitFor('the media to stop', () => performance.now() - this.#media.lastReceivedAt > silenceMs, {
      actual: () => ({ lastReceivedAt, now: this.#media.received }),
    });
  }

  /** The Stop button. */
  stop(): void {
    this.wire.send({ id: 'stop' });
    this.#dispose();
  }

  async close(): Promise<void> {
    this.#dispose();
    await this.wire.close();
  }

  get #media(): WebRtcPeer {
    if (!this.peer) throw new Error(`the page has no peer; it heard ${this.wire.ids.join(', ')}`);
    return this.peer;
  }

  async #join(role: Role, room: string | undefined): Promise<Json> {
    this.#dispose();
    const peer = new WebRtcPeer(directions[role]);
    this.peer = peer;
    const sdpOffer = await peer.offer();
    this.wire.send({ id: role, sdpOffer, ...(room && { room }) });
    const trickle = (candidate: PeerCandidate) => {
      if (this.peer === peer && this.wire.isOpen) this.wire.send({ id: 'onIceCandidate', candidate });
    };
    peer.onCandidate = trickle;
    for (const candidate of [...peer.candidates]) trickle(candidate);
    return this.wire.next(`${role}Response`, 15_000);
  }

  #receive(message: Json): void {
    switch (message.id) {
      case 'presenterResponse':
      case 'viewerResponse':
        if (!this.peer) return void this.faults.push(`${message.id} without an attempt`);
        if (message.response !== 'accepted') {
          if (typeof message.message !== 'string') this.faults.push('a rejection without a text');
          return this.#dispose();
        }
        this.#isAnswered = true;
        return this.peer.acceptAnswer(message.sdpAnswer);
      case 'iceCandidate':
        if (!this.peer) return void this.faults.push('iceCandidate without an attempt: the page throws');
        if (!this.#isAnswered) return void this.faults.push('iceCandidate before the answer');
        return this.peer.addCandidate(message.candidate);
      case 'stopCommunication':
        if (!this.peer) this.faults.push('stopCommunication without an attempt');
        return this.#dispose();
      case 'error':
        return;
      default:
        this.faults.push(`a message that no tutorial page knows: ${message.id}`);
    }
  }

  #dispose(): void {
    this.peer?.close();
    this.peer = undefined;
    this.#isAnswered = false;
  }
}
