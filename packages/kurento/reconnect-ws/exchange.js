/** @typedef {import('./index.js').LinkOptions} LinkOptions */
/** @typedef {import('./index.js').Message} Message */
/** @typedef {import('./index.js').Done} Done */

/**
 * Our own requests are numbered from here on, kurento-client's from 0: a server answers a number that it has answered
 * in the same session from its reply cache. Below 2^31, which Kurento reads a number as.
 */
const FIRST_ID = 1_000_000_000;
const IDS = 1_000_000_000;

/** The code of the error that answers a request whose link died, or was down, before the server answered. */
const LINK_DOWN = 'ELINKDOWN';

/**
 * The requests and answers of one link. A request is answered in any case: by the server, by what it says after
 * `resend`, or by an error.
 *
 * Requests come from kurento-client, which makes the session, or from `ask`, which is what everything else is sent by:
 * what kurento-client does for each request besides (a stack, a timer, its packed text as a key) took a tenth of a
 * node's time. It sees the answers to its requests and nothing else. Whatever it would only print to the console
 * (events, strays, nonsense) goes to the owner; its pings, whose state is global to its module, are answered
 * here and never leave the process.
 */
class Exchange {
  /** @type {Map<number, { text: string, sentAtMs: number, socket: object, done?: Done }>} */ #unanswered =
    new Map();
  #asked = 0;
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

  /**
   * Sends a request of our own; `done` is called once, later. @param {string} method @param {object} params
   * @param {Done} done
   */
  ask(method, params, done) {
    const id = FIRST_ID + (this.#asked++ % IDS);
    const socket = this.#socket;
    if (!socket) return queueMicrotask(() => done(failed(LINK_DOWN, 'the link is down')));
    const text = JSON.stringify({ jsonrpc: '2.0', method, params, id });
    this.#unanswered.set(id, { text, sentAtMs: performance.now(), socket, done });
    socket.send(text);
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
    const request = this.#unanswered.get(message?.id);
    if (!request) return this.#options.onStray(message);
    const { id, error, result } = message;
    if (error) this.#answer(id, { error });
    else if (typeof result === 'object' && result) this.#answer(id, { result });
    else this.#answer(id, { error: { code: -32603, message: 'a reply without a result' } });
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
    this.#answer(id, { error: { code: LINK_DOWN, message } });
  }

  /** To whoever asked. @param {number} id @param {{ error?: Message, result?: object }} answer */
  #answer(id, { error, result }) {
    const done = this.#unanswered.get(id)?.done;
    this.#unanswered.delete(id);
    if (!done) this.#deliver(error ? { id, error } : { id, result });
    else if (error) done(failed(error.code, String(error.message ?? error), error.data));
    else done(undefined, result);
  }

  /** To kurento-client. @param {Message} answer */
  #deliver(answer) {
    this.#receive({ data: { jsonrpc: '2.0', ...answer } });
  }
}

/** As kurento-client has it. @param {number | string} code @param {string} message @param {unknown} [data] */
const failed = (code, message, data) => Object.assign(new Error(message), { code, data });

module.exports = { Exchange };
