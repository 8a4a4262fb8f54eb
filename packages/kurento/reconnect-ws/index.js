const { EventEmitter } = require('node:events');
const { WebSocket } = require('ws');
const { Exchange } = require('./exchange.js');

/** @typedef {import('./index.js').LinkOptions} LinkOptions */

/**
 * What kurento-client takes its connection from, in place of the git dependency of that name: the same few
 * members (`connected`, `reconnect`, `disconnect`, the event `fail`), with the health of the link kept here.
 *
 *   connecting ──open──▶ up ──closed, silent, drop()──▶ down ──delayMs──▶ connecting
 *                                                        └──retries used up──▶ lost (`fail`)
 *
 * Any byte is life; without one for `missedPings` pings the link is down, after 4 × pingIntervalMs at most where
 * that is 3. It never emits `reconnect`: kurento-client would print a line and resume the session without
 * telling the server's id. The owner resumes it instead.
 */
class Reconnection extends EventEmitter {
  connected = false;
  /** Read by kurento-client: may a call wait for a connection? Never, such calls would queue without a limit. */
  reconnect = false;

  #uri;
  #options;
  #onConnect;
  #exchange;
  /** @type {WebSocket | undefined} */ #socket;
  /** @type {import('node:net').Socket | undefined} */ #wire;
  /** @type {NodeJS.Timeout | undefined} */ #timer;
  #attempt = 0;
  #isOver = false;
  #bytesHeard = 0;
  #missed = 0;

  /** @param {string} uri @param {LinkOptions} options @param {(stream: object) => void} onConnect */
  constructor(uri, options, onConnect) {
    super();
    this.#uri = uri;
    this.#options = options;
    this.#onConnect = onConnect;
    this.#exchange = new Exchange(options);
  }

  /** Unit: ms without a sign of life; 0 while there is nothing to complain of. */
  get silentMs() {
    return this.#missed * this.#options.pingIntervalMs;
  }

  open() {
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
      this.#options.onWire(response.socket);
    });
    socket.on('open', () => this.#opened(socket));
    socket.on('message', data => {
      if (socket === this.#socket) this.#exchange.read(data.toString());
    });
    socket.on('error', error => {
      reason = error.message;
    });
    socket.on('close', code => this.#closed(socket, reason || `closed with code ${code}`));
  }

  /** The peer is known to be there: the next attempt is due now, if one is waited for. */
  hurry() {
    if (this.#socket || this.#isOver) return;
    clearTimeout(this.#timer);
    this.#attempt = 0;
    this.open();
  }

  /** Gives the present socket up, as if it had closed. @param {string} reason */
  drop(reason) {
    const socket = this.#socket;
    if (!socket) return;
    socket.terminate();
    this.#closed(socket, reason);
  }

  /** @param {string} method @param {object} params @param {import('./index.js').Done} done */
  ask(method, params, done) {
    this.#exchange.ask(method, params, done);
  }

  /**
   * The session goes on: what the earlier sockets left unanswered is sent again, id and all. The server answers
   * from its reply cache what it had done already, so nothing is done twice; what is older than `maxAgeMs` may
   * have left that cache and is answered with an error. @param {number} maxAgeMs
   */
  resend(maxAgeMs) {
    this.#exchange.resend(maxAgeMs);
  }

  /** The session is over: answers what the earlier sockets left unanswered with errors. */
  abandon() {
    this.#exchange.abandon();
  }

  /** Called by kurento-client as well. No event comes after it. */
  disconnect() {
    this.#isOver = true;
    const socket = this.#socket;
    this.#down();
    this.abandon();
    if (!socket) return;
    socket.close(1000);
    // A peer that is gone does not answer the close frame.
    setTimeout(() => socket.terminate(), 500).unref();
  }

  /** @param {WebSocket} socket */
  #opened(socket) {
    if (socket !== this.#socket) return;
    this.connected = true;
    this.#bytesHeard = this.#wire?.bytesRead ?? 0;
    // Judged after the event loop has read what is there: a process that stood still does not take its own
    // silence for the peer's.
    this.#timer = setInterval(() => setImmediate(() => this.#judge(socket)), this.#options.pingIntervalMs);
    socket.ping();
    this.#exchange.use(socket);
    this.#onConnect(this.#exchange.stream);
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
    if (this.#isOver) return;
    if (this.#attempt >= this.#options.retries) {
      this.#isOver = true;
      this.abandon();
      this.emit('fail', new Error(reason));
    } else {
      this.#timer = setTimeout(() => this.open(), this.#options.delayMs(this.#attempt++));
    }
  }

  #down() {
    clearTimeout(this.#timer);
    this.connected = false;
    this.#missed = 0;
    this.#socket = undefined;
    this.#exchange.use(undefined);
  }
}

/** @param {object} _options kurento-client's own @param {(stream: object) => void} onConnect */
module.exports = (_options, onConnect) => ({
  /** @param {string} uri @param {LinkOptions} options */
  connect: (uri, options) => {
    const link = new Reconnection(uri, options, onConnect);
    link.open();
    return link;
  },
});
