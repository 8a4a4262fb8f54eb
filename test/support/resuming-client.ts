import { subprotocol } from '@manycast/protocol';
import type { Json } from './kurento-rpc.js';
import { type PeerCandidate, WebRtcPeer } from './webrtc-peer.js';
import { WireClient } from './wire-client.js';

type Role = 'presenter' | 'viewer';

export interface RoomEvent {
  type: string;
  generation: number;
  seq: number;
}

/**
 * A client of `manycast.v1` with a real peer behind it: one session over as many sockets as a test gives it. It does
 * nothing by itself; where the server breaks the protocol the fault is noted, and `faults` must stay empty.
 */
export class ResumingClient {
  readonly faults: string[] = [];
  /** Of the room, in the order in which it was told; those of `resumed` included. */
  readonly events: RoomEvent[] = [];
  /** Up to which numbers events were said to be lost: none ever is, unless Redis lost its data. */
  readonly gaps: number[] = [];
  /** Whatever else the server said that a client must act on. */
  readonly orders: Json[] = [];
  peer: WebRtcPeer | undefined;
  session = '';
  node = '';
  resumeToken = '';
  #wire: WireClient | undefined;
  /** On its way to carry the session. */
  #opening: WireClient | undefined;
  #isAnswered = false;
  #early: PeerCandidate[] = [];

  private constructor(
    readonly role: Role,
    readonly room: string,
  ) {}

  /** A socket on this node, welcomed. */
  static async open(role: Role, nodeUrl: string, room: string): Promise<ResumingClient> {
    const client = new ResumingClient(role, room);
    const { wire, welcome } = await client.#greeted(nodeUrl);
    client.#carry(wire, welcome);
    return client;
  }

  /** The beginnings and ends of broadcasts among its events, without who was away meanwhile. */
  get broadcasts(): string[] {
    const types = this.events.map(({ type }) => type);
    return types.filter(type => type === 'presenter-live' || type === 'presenter-left');
  }

  /** The present socket. */
  get wire(): WireClient {
    if (!this.#wire) throw new Error('the client has no socket');
    return this.#wire;
  }

  get hasOpenSocket(): boolean {
    return this.#wire?.isOpen ?? false;
  }

  get media(): WebRtcPeer {
    if (!this.peer) throw new Error(`there is no peer; heard ${this.#wire?.ids.join(', ')}`);
    return this.peer;
  }

  get seq(): number {
    return Math.max(this.events.at(-1)?.seq ?? 0, this.gaps.at(-1) ?? 0);
  }

  /** Offers, on a new peer; resolves with the answer. */
  async offer(): Promise<Json> {
    await this.sendOffer();
    return this.wire.next(`${this.role}Response`, 15_000);
  }

  async sendOffer(): Promise<void> {
    this.#disposePeer();
    const peer = new WebRtcPeer(this.role === 'presenter' ? 'send' : 'receive');
    this.peer = peer;
    const sdpOffer = await peer.offer();
    this.wire.send({ id: this.role, sdpOffer, room: this.room });
    const trickle = (candidate: PeerCandidate) => {
      if (this.peer === peer && this.#wire?.isOpen) this.#wire.send({ id: 'onIceCandidate', candidate });
    };
    peer.onCandidate = trickle;
    for (const candidate of [...peer.candidates]) trickle(candidate);
  }

  /** Offers until it is accepted and media flows. */
  async join(): Promise<void> {
    const response = await this.offer();
    if (response.response !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(response)}`);
    await this.untilFlowing();
  }

  async untilFlowing(): Promise<void> {
    await this.media.untilConnected();
    if (this.role === 'presenter') this.media.startSending();
    else await this.media.untilReceived(5);
  }

  /** Opens another socket and continues there; the former one is left as it is. Resolves with `resumed` or `resumeRejected`. */
  async resume(nodeUrl: string): Promise<Json> {
    const { wire } = await this.#greeted(nodeUrl);
    this.#opening = wire;
    const { resumeToken, seq } = this;
    wire.send({ id: 'resume', resumeToken, seq });
    const answer = await Promise.race([
      wire.next('resumed', 15_000),
      wire.next('resumeRejected', 15_000),
      wire.closed.then(({ code }) => Promise.reject(new Error(`closed (${code}) before it was resumed`))),
    ]);
    if (answer.id === 'resumeRejected') return answer;
    this.#carry(wire, answer);
    return answer;
  }

  /** Resumes, and offers again if it is told to. */
  async comeBack(nodeUrl: string): Promise<Json> {
    const resumed = await this.resume(nodeUrl);
    if (resumed.id === 'resumed' && resumed.renegotiate) await this.join();
    return resumed;
  }

  async leave(): Promise<void> {
    this.#disposePeer();
    this.wire.send({ id: 'leave' });
    await this.wire.close();
  }

  /** As a browser that crashes: neither socket nor media say goodbye; the peer's end does. */
  vanish(): void {
    this.#disposePeer();
    this.#wire?.ws.terminate();
    this.#opening?.ws.terminate();
  }

  async #greeted(nodeUrl: string): Promise<{ wire: WireClient; welcome: Json }> {
    const wire = await WireClient.open(`${nodeUrl}?room=${this.room}`, { protocol: subprotocol });
    return { wire, welcome: await wire.next('welcome') };
  }

  /** From now on this socket is the one that is listened to, from this message on. */
  #carry(wire: WireClient, from: Json): void {
    if (this.#wire) this.#wire.onMessage = () => undefined;
    this.#wire = wire;
    for (const message of wire.received.slice(wire.received.indexOf(from))) this.#receive(message);
    wire.onMessage = message => this.#receive(message);
  }

  #receive(message: Json): void {
    switch (message.id) {
      case 'welcome':
        this.session = message.session;
        this.node = message.node;
        this.resumeToken = message.resumeToken;
        return;
      case 'resumed':
        this.node = message.node;
        this.resumeToken = message.resumeToken;
        for (const event of message.events) this.#note(event);
        return;
      case 'pong':
      // What is said in the room, and how many watch, is no order to anybody.
      case 'chat':
      case 'chatState':
      case 'presence':
        return;
      case 'presenterResponse':
      case 'viewerResponse':
        if (message.response !== 'accepted') return;
        this.#isAnswered = true;
        this.peer?.acceptAnswer(message.sdpAnswer);
        for (const candidate of this.#early.splice(0)) this.peer?.addCandidate(candidate);
        return;
      case 'iceCandidate':
        if (this.#isAnswered) this.peer?.addCandidate(message.candidate);
        else this.#early.push(message.candidate);
        return;
      case 'gap':
        return void this.gaps.push(message.seq);
      case 'room':
        return this.#note(message);
      default:
        this.orders.push(message);
    }
  }

  #note({ type, generation, seq }: RoomEvent): void {
    if (seq <= this.seq) this.faults.push(`event ${seq} after ${this.seq}`);
    else if (this.seq > 0 && seq !== this.seq + 1)
      this.faults.push(`event ${seq} next to ${this.seq}: missed`);
    this.events.push({ type, generation, seq });
  }

  #disposePeer(): void {
    this.peer?.close();
    this.peer = undefined;
    this.#isAnswered = false;
    this.#early = [];
  }
}
