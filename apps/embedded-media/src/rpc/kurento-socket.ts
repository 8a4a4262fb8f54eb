import type { Logger } from '@manycast/runtime';
import { type RawData, WebSocket } from 'ws';
import type { Failures } from '../failures/failures.js';
import { sessionId } from '../sessions/ids.js';
import type { SocketBindings } from '../sessions/socket-bindings.js';
import { type Dispatcher, sessionOf } from './dispatcher.js';
import { readFrame } from './frame.js';

/** A sender that is this far ahead is not read from until its requests are answered. */
const maxQueuedFrames = 64;
const maxQueuedBytes = 1 << 20;

export interface KurentoSocketOptions {
  webSocket: WebSocket;
  dispatcher: Dispatcher;
  bindings: SocketBindings<KurentoSocket>;
  /** A reader that lets this much pile up is cut off. */
  maxUnsentBytes: number;
  failures: Failures;
  log: Logger;
}

/**
 * One control connection. Its requests are carried out strictly one after another; other connections do not
 * wait for them. What was sent before the socket died is still carried out; only then does its session stand
 * without a socket.
 */
export class KurentoSocket {
  readonly #options: KurentoSocketOptions;
  readonly #queue: string[] = [];
  readonly #gone = new AbortController();
  #queuedBytes = 0;
  #isBusy = false;
  #isPaused = false;

  constructor(options: KurentoSocketOptions) {
    this.#options = options;
    const { webSocket, log } = options;
    webSocket.on('message', data => this.#receive(data));
    webSocket.on('error', error => log.debug({ err: error }, 'a control socket failed'));
    webSocket.once('close', () => {
      this.#gone.abort();
      if (!this.#isBusy) this.#options.bindings.unbind(this);
    });
  }

  send(text: string): void {
    const { webSocket, maxUnsentBytes, log } = this.#options;
    if (webSocket.readyState !== WebSocket.OPEN) return;
    webSocket.send(text);
    if (webSocket.bufferedAmount <= maxUnsentBytes) return;
    log.warn(
      { unsentBytes: webSocket.bufferedAmount, maxUnsentBytes },
      'a client that does not read is cut off',
    );
    webSocket.terminate();
  }

  #receive(data: RawData): void {
    const frame = data.toString();
    this.#queue.push(frame);
    this.#queuedBytes += frame.length;
    if (this.#queue.length > maxQueuedFrames || this.#queuedBytes > maxQueuedBytes) this.#pause();
    if (!this.#isBusy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let frame = this.#queue.shift(); frame !== undefined; frame = this.#queue.shift()) {
      this.#queuedBytes -= frame.length;
      await this.#process(frame).catch(error => this.#fail(error));
      if (this.#queuedBytes <= maxQueuedBytes / 2 && this.#queue.length <= maxQueuedFrames / 2)
        this.#resume();
    }
    this.#isBusy = false;
    if (this.#gone.signal.aborted) this.#options.bindings.unbind(this);
  }

  async #process(text: string): Promise<void> {
    const { bindings, dispatcher, failures } = this.#options;
    const frame = readFrame(text, bindings.sessionOf(this));
    if (!frame) {
      this.#options.log.warn(
        { frame: text.slice(0, 100) },
        'a frame that cannot be read: its socket is dropped',
      );
      return this.#drop();
    }
    await failures.beforeRequest(this.#gone.signal);
    const response = await dispatcher.handle(frame.message, this.#gone.signal);
    if (!response) return;
    // What was begun before is not answered either.
    if (failures.isSilent) await failures.beforeRequest(this.#gone.signal);
    const session = sessionOf(response);
    if (session) bindings.bind(sessionId(session), this);
    this.send(JSON.stringify(response));
  }

  #fail(error: unknown): void {
    this.#options.log.error({ err: error }, 'a request could not be answered: its socket is dropped');
    this.#drop();
  }

  /** What came after the present frame is not looked at. */
  #drop(): void {
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#options.webSocket.removeAllListeners('message');
    this.#options.webSocket.terminate();
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#options.webSocket.pause();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#options.webSocket.resume();
  }
}
