import { openSession, type Session, type SessionOptions, type WebSocketClass } from '@manycast/client';
import { SdkPeer } from '../support/sdk-peer.js';
import { type SocketWatch, WatchedSocket } from './watched-socket.js';

export interface ParticipantOrder {
  name: string;
  role: 'presenter' | 'viewer';
  room: string;
  addresses: string[];
  random: () => number;
  losses: () => number;
  onViolation(text: string): void;
  onBroadcast(participant: Participant, generation: number): void;
}

/** One person with the SDK and a real peer, who does nothing but what the SDK does. */
export class Participant {
  readonly sockets: WatchedSocket[] = [];
  readonly peers: SdkPeer[] = [];
  readonly session: Session;
  /** In the order in which they were told; without numbers where they began anew. */
  readonly told: string[] = [];
  hasLeft = false;
  /** In its room, as it was last told. */
  viewers: number | undefined;

  constructor(readonly order: ParticipantOrder) {
    const { role, room, addresses, random } = order;
    this.session = openSession({
      urls: addresses,
      role,
      room,
      random,
      ...(role === 'viewer' ? { waitForPresenter: true } : { stream: noTracks, joinAttempts: 3 }),
      WebSocket: this.#socketClass(),
      createPeerConnection: () => this.#newPeer(),
    } as SessionOptions);
    this.session.on('room', ({ type }) => this.told.push(type));
    this.session.on('state', state => {
      this.told.push(state.name === 'ended' ? `${state.name} (${state.reason})` : state.name);
    });
    this.session.on('presence', ({ viewers }) => {
      this.viewers = viewers;
    });
    this.session.on('restarted', ({ reason }) => this.told.push(`restarted (${reason.code})`));
    this.session.on('error', ({ code }) => this.told.push(`error (${code})`));
  }

  get name(): string {
    return `${this.order.name} in ${this.order.room}`;
  }

  /** It takes itself for a member of the room, with or without a socket just now. */
  get isIn(): boolean {
    return !this.hasLeft && (this.session.state === 'connected' || this.session.state === 'reconnecting');
  }

  get isOver(): boolean {
    return this.hasLeft || this.session.state === 'ended';
  }

  get openSocket(): WatchedSocket | undefined {
    return this.sockets.findLast(socket => socket.readyState === socket.OPEN);
  }

  leave(): void {
    this.hasLeft = true;
    this.session.leave().catch(() => undefined);
  }

  /** The network goes for a moment: no socket says goodbye. */
  dropSockets(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  /** The tab crashes: nothing comes back. */
  vanish(): void {
    this.hasLeft = true;
    this.dropSockets();
    this.session.leave().catch(() => undefined);
    for (const peer of this.peers) peer.close();
  }

  /**
   * Moves to another socket and lets the former one ask for the end of the session: it must not be heard. Resolves when
   * it has asked; false when it did not come to that in time.
   */
  hang(withinMs: number): Promise<boolean> {
    const former = this.openSocket;
    // One at a time: what moves already has no former socket yet.
    if (this.#isHanging || !former || this.session.state !== 'connected') return Promise.resolve(false);
    this.#isHanging = true;
    return new Promise(resolve => {
      const done = (hasAsked: boolean) => {
        this.#onResumed = () => undefined;
        this.#isHanging = false;
        clearTimeout(timer);
        former.letGo();
        resolve(hasAsked);
      };
      const timer = setTimeout(() => done(false), withinMs);
      this.#onResumed = by => {
        // It may just have been about to resume itself.
        if (by === former) return;
        const isOpen = former.readyState === former.OPEN;
        if (isOpen) former.send(JSON.stringify({ id: 'leave' }));
        done(isOpen);
      };
      former.keep();
      former.pretend({ id: 'goaway', afterMs: 0 });
    });
  }

  #onResumed: (by: WatchedSocket) => void = () => undefined;
  #isHanging = false;

  #newPeer(): RTCPeerConnection {
    const peer = new SdkPeer(this.order.role === 'presenter' ? 'send' : 'receive');
    this.peers.push(peer);
    return peer as unknown as RTCPeerConnection;
  }

  #socketClass(): WebSocketClass {
    const participant = this;
    const { losses } = this.order;
    const watch: SocketWatch = {
      losses,
      lossesTold: losses(),
      onViolation: text => this.order.onViolation(`${text}; ${this.name}`),
      onBroadcast: generation => this.order.onBroadcast(this, generation),
      onResumed: socket => {
        if (socket === this.sockets.at(-1)) this.#onResumed(socket);
      },
    };
    return class extends WatchedSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols, watch);
        participant.sockets.push(this);
      }
    } as unknown as WebSocketClass;
  }
}

const noTracks = { getTracks: () => [] } as unknown as MediaStream;
