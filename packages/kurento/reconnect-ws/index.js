const { EventEmitter } = require('node:events');
const { WebSocket } = require('ws');

/** @typedef {import('./index.js').LinkOptions} LinkOptions */
/** @typedef {import('./index.js').Message} Message */

/** The code of the error that answers a request whose link died, or was down, before the server answered. */
const LINK_DOWN = 'ELINKDOWN';

/**
 * What kurento-client takes its connection from, in place of the git dependency of that name: the same few
 * members (`connected`, `reconnect`, `disconnect`, the event `fail`), with the health of the link kept here.
 *
 *   connecting ──open──▶ up ──closed, silent, drop()──▶ down ──delayMs──▶ connecting
 *                                                        └──retries used up──▶ lost (`fail`)
 *
 * - Any byte is life; without one for `missedPings` pings the link is down (at most 4 × pingIntervalMs).
 * - A request is answered in any case: by the server, by what it says after `resend`, or by an error.
 * - kurento-client sees the answers to its requests and nothing else. Whatever it would only print to the
 *   console (events, strays, nonsense) goes to the owner; its pings, whose state is global to its module, are
 *   answered here and never leave the process.
 *
 * It never emits `reconnect`: kurento-client would print a line and resume the session without telling the
 * server's id. The owner resumes it instead.
 */
class Reconnection extends EventEmitter {
  connected = false;
  /** Read by kurento-client: may a call wait for a connection? Never, such calls would queue without a limit. */
  reconnect = false;

  /** @type {string} */ #uri = '';
  /** @type {LinkOptions} */ #options;
  #onConnect;
  /** @type {WebSocket | undefined} */ #socket;
  /** @type {NodeJS.Timeout | undefined} */ #timer;
  #attempt = 0;
  #ended = false;
  /** @type {import('node:net').Socket | undefined} */ #wire;
  #bytesHeard = 0;
  #missed = 0;
  /** @type {Map<number, { text: string, sentAtMs: number, socket: WebSocket }>} */ #unanswered = new Map();
  /** @type {(event: { data: Message }) => void} */ #receive = () => {};
  /** What kurento-jsonrpc takes for a W3C socket; one for all sockets of this link. */
  #stream = {
    send: /** @param {string} text */ text => this.#send(text),
    addEventListener: /** @param {string} _type @param {(event: any) => void} listener */ (
      _type,
      listener,
    ) => {
      this.#receive = listener;
    },
    removeEventListener: () => {
      this.#receive = () => {};
    },
  };

  /** @param {(stream: object) => void} onConnect */
  constructor(onConnect) {
    super();
    this.#onConnect = onConnect;
  }

  /** @param {string} uri @param {LinkOptions} options */
  connect(uri, options) {
    this.#uri = uri;
    this.#options = options;
    this.#open();
    return this;
  }

  /** Unit: ms without a sign of life; 0 while there is nothing to complain of. */
  get silentMs() {
    return this.#missed * this.#options.pingIntervalMs;
  }

  /** Gives the present socket up, as if it had closed. @param {string} reason */
  drop(reason) {
    const socket = this.#socket;
    if (!socket) return;
    socket.terminate();
    this.#closed(socket, reason);
  }

  /**
   * The session goes on: what the earlier sockets left unanswered is sent again, id and all. The server answers
   * from its reply cache what it had done already, so nothing is done twice; what is older than `maxAgeMs` may
   * have left that cache and is answered with an error. @param {number} maxAgeMs
   */
  resend(maxAgeMs) {
    const socket = this.#socket;
    if (!socket) return;
    for (const [id, request] of this.#unanswered) {
      if (request.socket === socket) continue;
      if (performance.now() - request.sentAtMs > maxAgeMs) this.#fail(id, 'too old to be sent again');
      else {
        request.socket = socket;
        socket.send(request.text);
      }
    }
  }

  /** The session is over: answers what earlier sockets left unanswered with errors. */
  abandon() {
    for (const [id, request] of this.#unanswered) {
      if (request.socket !== this.#socket) this.#fail(id, 'the link died');
    }
  }

  /** Called by kurento-client as well. No event comes after it. */
  disconnect() {
    this.#ended = true;
    const socket = this.#socket;
    this.#down();
    this.abandon();
    if (!socket) return;
    socket.close(1000);
    // A peer that is gone does not answer the close frame.
    setTimeout(() => socket.terminate(), 500).unref();
  }

  #open() {
    const { connectTimeoutMs, maxPayloadBytes } = this.#options;
    const socket = new WebSocket(this.#uri, {
      handshakeTimeout: connectTimeoutMs,
      maxPayload: maxPayloadBytes,
      perMessageDeflate: false,
      // One frame per turn of the event loop: whoever awaited a reply has run before the event behind it.
      allowSynchronousEvents: false,
    });
    this.#socket = socket;
    let reason = '';
    socket.on('upgrade', response => {
      this.#wire = response.socket;
    });
    socket.on('open', () => this.#opened(socket));
    socket.on('message', data => {
      if (socket === this.#socket) this.#read(data.toString());
    });
    socket.on('error', error => {
      reason = error.message;
    });
    socket.on('close', code => this.#closed(socket, reason || `closed with code ${code}`));
  }

  /** @param {WebSocket} socket */
  #opened(socket) {
    if (socket !== this.#socket) return;
    this.connected = true;
    this.#missed = 0;
    this.#bytesHeard = this.#wire?.bytesRead ?? 0;
    // Judged after the event loop has read what is there: a process that stood still does not take its own
    // silence for the peer's.
    this.#timer = setInterval(() => setImmediate(() => this.#judge(socket)), this.#options.pingIntervalMs);
    socket.ping();
    this.#onConnect(this.#stream);
    this.emit('up');
  }

  /** @param {WebSocket} socket */
  #judge(socket) {
    if (socket !== this.#socket) return;
    const bytes = this.#wire?.bytesRead ?? 0;
    const isAlive = bytes > this.#bytesHeard;
    this.#bytesHeard = bytes;
    this.#missed = isAlive ? 0 : this.#missed + 1;
    if (isAlive) this.#attempt = 0;
    const isDead = this.#missed >= this.#options.missedPings && !this.#options.isExcused(this.silentMs);
    if (isDead) this.drop(`silent for ${this.silentMs} ms`);
    else socket.ping();
  }

  /** @param {WebSocket} socket @param {string} reason */
  #closed(socket, reason) {
    if (socket !== this.#socket) return;
    const wasConnected = this.connected;
    this.#down();
    if (wasConnected) this.emit('down', reason);
    if (this.#ended) return;
    if (this.#attempt >= this.#options.retries) {
      this.#ended = true;
      this.abandon();
      this.emit('fail', new Error(reason));
    } else {
      this.#timer = setTimeout(() => this.#open(), this.#options.delayMs(this.#attempt++));
    }
  }

  #down() {
    clearTimeout(this.#timer);
    this.connected = false;
    this.#socket = undefined;
    this.#missed = 0;
  }

  /** @param {string} text */
  #send(text) {
    // kurento-jsonrpc puts the id last.
    const id = Number(/"id":(\d+)\}$/.exec(text)?.[1]);
    if (text.startsWith('{"jsonrpc":"2.0","method":"ping"')) {
      queueMicrotask(() => this.#deliver({ jsonrpc: '2.0', id, result: { value: 'pong' } }));
    } else if (this.#socket && this.connected) {
      this.#unanswered.set(id, { text, sentAtMs: performance.now(), socket: this.#socket });
      this.#socket.send(text);
    } else {
      queueMicrotask(() => this.#fail(id, 'the link is down'));
    }
  }

  /** @param {string} text */
  #read(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return this.#options.onStray(text);
    }
    if (typeof message?.method === 'string') return this.#options.onNotification(message);
    if (!this.#unanswered.delete(message?.id)) return this.#options.onStray(message);
    const { id, error, result } = message;
    if (error) this.#deliver({ jsonrpc: '2.0', id, error });
    else if (typeof result === 'object' && result) this.#deliver({ jsonrpc: '2.0', id, result });
    else this.#deliver({ jsonrpc: '2.0', id, error: { code: -32603, message: 'a reply without a result' } });
  }

  /** @param {number} id @param {string} message */
  #fail(id, message) {
    this.#unanswered.delete(id);
    this.#deliver({ jsonrpc: '2.0', id, error: { code: LINK_DOWN, message } });
  }

  /** @param {Message} message */
  #deliver(message) {
    this.#receive({ data: message });
  }
}

module.exports = (_options, onConnect) => new Reconnection(onConnect);
module.exports.LINK_DOWN = LINK_DOWN;
