import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import WebSocket, { WebSocketServer } from 'ws';
import { waitFor } from './wait-for.js';

export type Way = 'request' | 'reply';

/** Frames of one direction of one connection, in order: whatever comes after a held one waits behind it. */
interface Lane {
  way: Way;
  queue: string[];
  forward(frame: string): void;
}

/**
 * Stands before a media server: sees every request, and can hold some of them, or their replies, for as long as
 * a test needs the server to be slow. Pings are answered by the gate, so a held link is busy, not dead.
 */
export class MediaGate {
  /** Methods, `invoke` with its operation, in the order in which they came; of all connections. */
  readonly requests: string[] = [];
  readonly #lanes = new Set<Lane>();
  #holds: { way: Way; pattern: RegExp } | undefined;

  private constructor(
    private readonly server: WebSocketServer,
    private readonly target: string,
  ) {
    server.on('connection', client => this.#connect(client));
  }

  static async before(target: string): Promise<MediaGate> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    await once(server, 'listening');
    return new MediaGate(server, target);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/kurento`;
  }

  /** From now on, frames of that direction whose text matches wait, and with them those behind them. */
  hold(way: Way, pattern: RegExp): void {
    this.#holds = { way, pattern };
  }

  /** Resolves when that many connections are held up. */
  async untilHeld(connections = 1): Promise<void> {
    await waitFor(
      'a frame to be held',
      () => [...this.#lanes].filter(({ queue }) => queue.length > 0).length >= connections,
      { intervalMs: 5 },
    );
  }

  /** What is held stays so; nothing else will be. */
  holdNothingMore(): void {
    this.#holds = undefined;
  }

  /** Lets everything go, in order. Safe to repeat. */
  open(): void {
    this.#holds = undefined;
    for (const { queue, forward } of this.#lanes) for (const frame of queue.splice(0)) forward(frame);
  }

  /** Every connection ends without a goodbye; new ones are taken. */
  cut(): void {
    for (const client of this.server.clients) client.terminate();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise(done => this.server.close(done));
  }

  #connect(client: WebSocket): void {
    const upstream = new WebSocket(this.target, { perMessageDeflate: false });
    const lanes: Lane[] = [
      { way: 'request', queue: [], forward: frame => upstream.send(frame, () => undefined) },
      { way: 'reply', queue: [], forward: frame => client.send(frame, () => undefined) },
    ];
    const [requests, replies] = lanes as [Lane, Lane];
    for (const lane of lanes) this.#lanes.add(lane);
    const opened = once(upstream, 'open').catch(() => undefined);
    client.on('message', async data => {
      const frame = data.toString();
      const name = nameOf(frame);
      // By which a canary asks, again and again, whether the server is there.
      if (name !== 'connect') this.requests.push(name);
      await opened;
      this.#pass(requests, frame);
    });
    upstream.on('message', data => this.#pass(replies, data.toString()));
    const end = () => {
      for (const lane of lanes) this.#lanes.delete(lane);
      client.terminate();
      upstream.terminate();
    };
    for (const socket of [client, upstream]) socket.on('close', end).on('error', () => undefined);
  }

  #pass(lane: Lane, frame: string): void {
    const isHeld = this.#holds?.way === lane.way && this.#holds.pattern.test(frame);
    if (isHeld || lane.queue.length > 0) lane.queue.push(frame);
    else lane.forward(frame);
  }
}

function nameOf(frame: string): string {
  const { method, params } = JSON.parse(frame);
  return method === 'invoke' ? `invoke ${params.operation}` : method;
}
