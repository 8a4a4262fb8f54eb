/** @typedef {import('./index.js').LinkOptions} LinkOptions */
/** @typedef {import('./index.js').Message} Message */

/** The code of the error that answers a request whose link died, or was down, before the server answered. */
const LINK_DOWN = 'ELINKDOWN';

/**
 * The requests and answers of one link. A request is answered in any case: by the server, by what it says after
 * `resend`, or by an error.
 *
 * kurento-client sees the answers to its requests and nothing else. Whatever it would only print to the console
 * (events, strays, nonsense) goes to the owner; its pings, whose state is global to its module, are answered
 * here and never leave the process.
 */
class Exchange {
  /** @type {Map<number, { text: string, sentAtMs: number, socket: object }>} */ #unanswered = new Map();
  /** @type {import('ws').WebSocket | undefined} */ #socket;
  /** @type {LinkOptions} */ #options;
  /** @type {(event: { data: Message }) => void} */ #receive = () => {};

  /** What kurento-jsonrpc takes for a W3C socket; the same one for all sockets of the link. */
  stream = {
    send: /** @param {string} text */ text => this.#send(text),
    /** @param {string} _type @param {(event: { data: Message }) => void} listener */
    addEventListener: (_type, listener) => {
      this.#receive = listener;
    },
    removeEventListener: () => {
      this.#receive = () => {};
    },
  };

  /** @param {LinkOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** Where requests go; undefined while the link is down. @param {import('ws').WebSocket | undefined} socket */
  use(socket) {
    this.#socket = socket;
  }

  /** @param {number} maxAgeMs */
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

  abandon() {
    for (const [id, request] of this.#unanswered) {
      if (request.socket !== this.#socket) this.#fail(id, 'the link died');
    }
  }

  /** A frame of the server's. @param {string} text */
  read(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return this.#options.onStray(text);
    }
    if (typeof message?.method === 'string') return this.#options.onNotification(message);
    if (!this.#unanswered.delete(message?.id)) return this.#options.onStray(message);
    const { id, error, result } = message;
    if (error) this.#deliver({ id, error });
    else if (typeof result === 'object' && result) this.#deliver({ id, result });
    else this.#deliver({ id, error: { code: -32603, message: 'a reply without a result' } });
  }

  /** @param {string} text */
  #send(text) {
    // kurento-jsonrpc puts the id last.
    const id = Number(/"id":(\d+)\}$/.exec(text)?.[1]);
    if (text.startsWith('{"jsonrpc":"2.0","method":"ping"')) {
      queueMicrotask(() => this.#deliver({ id, result: { value: 'pong' } }));
    } else if (this.#socket) {
      this.#unanswered.set(id, { text, sentAtMs: performance.now(), socket: this.#socket });
      this.#socket.send(text);
    } else {
      queueMicrotask(() => this.#fail(id, 'the link is down'));
    }
  }

  /** @param {number} id @param {string} message */
  #fail(id, message) {
    this.#unanswered.delete(id);
    this.#deliver({ id, error: { code: LINK_DOWN, message } });
  }

  /** @param {Message} answer */
  #deliver(answer) {
    this.#receive({ data: { jsonrpc: '2.0', ...answer } });
  }
}

module.exports = { Exchange };
