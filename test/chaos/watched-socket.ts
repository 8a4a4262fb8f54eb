import { WebSocket } from 'ws';
import type { Json } from '../support/kurento-rpc.js';

export interface SocketWatch {
  /** Something came that breaks a rule. */
  onViolation(text: string): void;
  /** The session of this socket presents this broadcast. */
  onBroadcast(generation: number): void;
  onResumed(socket: WatchedSocket): void;
  /** How often Redis lost everything: events may be lost then. */
  losses(): number;
  /** Of those, how many its client has been told of by a gap, on this socket or on one before. */
  lossesTold: number;
}

/**
 * The SDK's socket, watched from outside: each of a room's events must come once and in order (R-BUS-1). It can be
 * kept open although the SDK has closed it, as a client does that hangs between two nodes.
 */
export class WatchedSocket extends WebSocket {
  #seq: number | undefined;
  #isPresenting = false;
  #isKept = false;
  #wantsClose: Parameters<WebSocket['close']> | undefined;
  #watch: SocketWatch;

  constructor(url: string, protocols: string[], watch: SocketWatch) {
    super(url, protocols, { perMessageDeflate: false });
    this.#watch = watch;
    this.on('error', () => undefined);
    this.on('message', data => this.#see(JSON.parse(data.toString())));
  }

  override close(...how: Parameters<WebSocket['close']>): void {
    if (this.#isKept) this.#wantsClose = how;
    else super.close(...how);
  }

  /** The SDK may let go of it; it stays open until `letGo`. */
  keep(): void {
    this.#isKept = true;
  }

  letGo(): void {
    this.#isKept = false;
    if (this.#wantsClose) super.close(...this.#wantsClose);
  }

  /** As if the node had said so. */
  pretend(message: object): void {
    this.emit('message', Buffer.from(JSON.stringify(message)), false);
  }

  #see(message: Json): void {
    switch (message.id) {
      case 'welcome':
        this.#seq = undefined;
        return;
      case 'presenterResponse':
        this.#isPresenting = message.response === 'accepted';
        return;
      case 'resumed':
        for (const event of message.events) this.#event(event);
        if (this.#seq === undefined || !message.isComplete) this.#seq = message.room.seq;
        if (!message.isComplete && this.#watch.losses() === 0)
          this.#watch.onViolation(`R-BUS-1: events before ${message.room.seq} are said to be lost`);
        return this.#watch.onResumed(this);
      case 'gap':
        return this.#gap(message.seq);
      case 'room':
        return this.#event(message);
    }
  }

  /** Only a Redis that lost everything loses events. */
  #gap(seq: number): void {
    const losses = this.#watch.losses();
    if (losses === this.#watch.lossesTold)
      this.#watch.onViolation(`R-BUS-1: events up to ${seq} are said to be lost`);
    this.#watch.lossesTold = losses;
    if (this.#seq !== undefined && seq <= this.#seq)
      this.#watch.onViolation(`R-BUS-1: events up to ${seq} are said to be lost after ${this.#seq}`);
    this.#seq = seq;
  }

  #event({ type, generation, seq }: Json): void {
    if (this.#seq !== undefined && seq !== this.#seq + 1)
      this.#watch.onViolation(`R-BUS-1: event ${seq} (${type}) came after ${this.#seq}`);
    this.#seq = seq;
    // By its own leaving or by others: what comes live after that is not its broadcast.
    if (type === 'presenter-left') this.#isPresenting = false;
    if (type === 'presenter-live' && this.#isPresenting) this.#watch.onBroadcast(generation);
  }
}
