import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { openSession } from '../session.js';
import type { SessionEvents } from '../session-events.js';
import type { SessionOptions } from '../session-options.js';
import { FakePeer } from './fake-peer.js';
import type { FakeServer, FakeSocket } from './fake-server.js';

type Told = {
  [Name in keyof SessionEvents]: { name: Name; event: SessionEvents[Name] };
}[keyof SessionEvents];

const names: (keyof SessionEvents)[] = [
  'state',
  'accepted',
  'track',
  'media',
  'room',
  'gap',
  'reconnecting',
  'resumed',
  'restarted',
  'error',
  'ended',
];
const stream = {
  getTracks: () => [{ kind: 'video', id: 'camera' }],
} as unknown as MediaStream;

const soon = { timeout: 4_000, interval: 5 };

/** A session with everything it did: what it told, and the peer connections it made. Its delays are a tenth. */
export class Client {
  readonly peers: FakePeer[] = [];
  readonly told: Told[] = [];
  readonly session;

  constructor(
    servers: FakeServer[],
    options: { role: 'presenter' | 'viewer' } & Partial<SessionOptions>,
    preparePeer: (peer: FakePeer) => void = () => undefined,
  ) {
    this.session = openSession({
      ...Client.options(servers),
      createPeerConnection: (config: RTCConfiguration) => {
        const peer = new FakePeer(config, this.peers.length + 1);
        preparePeer(peer);
        this.peers.push(peer);
        return peer as unknown as RTCPeerConnection;
      },
      ...(options.role === 'presenter' && { stream }),
      ...options,
    } as SessionOptions);
    for (const name of names) {
      this.session.on(name, event => this.told.push({ name, event } as Told));
    }
  }

  static options(servers: FakeServer[]) {
    // The list is shuffled first, into the order it has; then every delay is a tenth of its ceiling.
    const shuffle = servers.map(() => 0.999);
    return {
      ...(servers.length > 0 && { urls: servers.map(server => server.url) }),
      room: 'room',
      WebSocket,
      random: () => shuffle.pop() ?? 0.1,
      createPeerConnection: (config: RTCConfiguration) =>
        new FakePeer(config, 1) as unknown as RTCPeerConnection,
    };
  }

  get peer(): FakePeer {
    return this.peers.at(-1) as FakePeer;
  }
  tellings = <Name extends keyof SessionEvents>(name: Name): SessionEvents[Name][] =>
    this.told.filter(told => told.name === name).map(told => told.event as SessionEvents[Name]);
  states = (): string[] => this.tellings('state').map(state => state.name);
  reaches = (state: string) => expect.poll(() => this.session.state, soon).toBe(state);
  tells = (name: keyof SessionEvents, times = 1) =>
    expect.poll(() => this.tellings(name).length, soon).toBeGreaterThanOrEqual(times);

  /** From the offer that the server has waiting to media that flows. */
  async joins(socket: FakeSocket, role: 'presenter' | 'viewer'): Promise<void> {
    await socket.receives(role);
    const times = this.tellings('accepted').length + 1;
    this.accept(socket, role);
    await this.tells('accepted', times);
    this.peer.becomes('connected');
    await this.reaches('connected');
  }

  accept(socket: FakeSocket, role: 'presenter' | 'viewer'): void {
    socket.send({ id: `${role}Response`, response: 'accepted', sdpAnswer: `answer-${this.peers.length}` });
  }
}
