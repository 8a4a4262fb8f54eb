import { SignalError } from '@manycast/protocol';
import KurentoClient from 'kurento-client';
import type { LinkOptions, Reconnection } from '../reconnect-ws/index.js';
import { KurentoError } from './kurento-error.js';
import { type CallOptions, PendingCalls } from './pending-calls.js';

// Importing kurento-client puts toJSON on every Error of the process, which would write stacks into any body an
// error gets into. It needs that nowhere itself.
if ('toJSON' in Error.prototype) Reflect.deleteProperty(Error.prototype, 'toJSON');

export type Reply = KurentoClient.Reply;

export interface ServerIdentity {
  /** Another one at the same address means that the server restarted and every object is gone. */
  serverId: string;
  version: string;
}

export interface ConnectionOptions {
  url: string;
  timeoutMs: number;
  link: LinkOptions;
  /** `continued`: the session of before, with its subscriptions; otherwise the server knows nothing of us. */
  onUp(identity: ServerIdentity, session: 'new' | 'continued'): void;
  onDown(reason: string): void;
  /** The last word: no retry follows. */
  onLost(reason: string): void;
}

export const SERVER_MANAGER = 'manager_ServerManager';
/** What we create comes from these; the filters module may be absent, which kurento-client's strict mode refuses. */
const REQUIRED_MODULES = ['core', 'elements'];
/** Kurento keeps replies for 20 s (ServerMethods.cpp); the rest is for the way there. */
const RESEND_WITHIN_MS = 15_000;
const INVALID_SESSION = 40007;
/** The longest a timer can be. Deadlines are kept here, and a reply that comes after one must still be seen. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * One KurentoClient, its socket and its session, until it is lost or closed.
 *
 * kurento-client connects and makes the session; its high-level objects are left aside. Their promises
 * swallow errors, a failed subscription emits an `error` nobody can listen to, every `release` holds later calls
 * back, and its Transaction is a Domain, which turns async hooks on for the whole process. What makes the session goes
 * the way those objects send theirs (`_rpc`) instead: the callback of that has every result and every error. What is
 * asked in the session goes past it.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #client: KurentoClient;
  readonly #link: Reconnection;
  readonly #calls = new PendingCalls();
  #manager: KurentoClient.MediaObject | undefined;
  #identity: ServerIdentity | undefined;
  #isUp = false;
  #isClosed = false;

  /** Connects at once. */
  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#client = new KurentoClient(
      options.url,
      { strict: false, request_timeout: NEVER_MS, duplicates_timeout: 1, socket: options.link },
      // Told only once, and of a first connection only; the link's own events say more.
      () => {},
    );
    this.#link = this.#client._re as Reconnection;
    // Its own makes an object with all of the client's members for each request.
    Object.defineProperty(this.#client, 'then', { value: this.#whenConnected });
    this.#link.on('up', () => void this.#establish());
    this.#link.on('down', reason => this.#down(reason));
    this.#link.on('fail', error => {
      this.close();
      options.onLost(error.message);
    });
  }

  /** For kurento-client, before each request: nothing waits for a connection. */
  readonly #whenConnected = (onFulfilled: () => unknown, onRejected: (error: Error) => unknown) =>
    (this.#link.connected ? Promise.resolve() : Promise.reject(new Error('Connection error'))).then(
      onFulfilled,
      onRejected,
    );

  get isUp(): boolean {
    return this.#isUp;
  }

  get inFlight(): number {
    return this.#calls.inFlight;
  }

  /** Unit: ms. */
  get silentMs(): number {
    return this.#link.silentMs;
  }

  call(method: string, params: object, options: CallOptions<Reply>): Promise<Reply> {
    if (!this.#isUp)
      return Promise.reject(new SignalError('media-unavailable', { message: 'the link is down' }));
    const { sessionId } = this.#client;
    return this.#calls.start(options, done => this.#link.ask(method, { ...params, sessionId }, done));
  }

  /** The server is known to be there: a next attempt does not wait any longer. */
  hurry(): void {
    this.#link.hurry();
  }

  /** Idempotent. What waits is rejected. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Also ends the one ping timer that kurento-client keeps for all its clients: whichever closes last, it is off.
    this.#client.close();
    // Not left to kurento-client, which disconnects only after its last reply.
    this.#link.disconnect();
    this.#isUp = false;
    this.#calls.rejectAll('the link was closed');
  }

  async #establish(): Promise<void> {
    try {
      const session = this.#manager && (await this.#continueSession()) ? 'continued' : 'new';
      const identity = session === 'continued' ? this.#identity : await this.#newSession();
      if (!identity || !this.#link.connected) return;
      this.#identity = identity;
      this.#isUp = true;
      if (session === 'continued') this.#link.resend(RESEND_WITHIN_MS);
      else this.#link.abandon();
      this.#options.onUp(identity, session);
    } catch (error) {
      const reason = SignalError.from(error).message;
      if (this.#link.connected) this.#link.drop(`no session: ${reason}`);
    }
  }

  /** False when the server has forgotten it. */
  async #continueSession(): Promise<boolean> {
    try {
      const { serverId } = await this.#request('connect', {}, this.#options);
      return serverId === this.#identity?.serverId;
    } catch (error) {
      if (
        error instanceof SignalError &&
        error.cause instanceof KurentoError &&
        error.cause.code === INVALID_SESSION
      )
        return false;
      throw error;
    }
  }

  async #newSession(): Promise<ServerIdentity> {
    // A session's id that the server does not know would be taken as the name of a new one.
    Object.defineProperty(this.#client, 'sessionId', { configurable: true, value: undefined });
    // A session can be resumed only after it touched an object.
    if (this.#manager) await this.#request('describe', { object: SERVER_MANAGER }, this.#options);
    else this.#manager = await this.#findManager();
    const { serverId } = await this.#request('connect', {}, this.#options);
    const { value } = await this.#request(
      'invoke',
      { object: SERVER_MANAGER, operation: 'getInfo' },
      this.#options,
    );
    const { version, modules } = value as { version: string; modules: { name: string }[] };
    const missing = REQUIRED_MODULES.filter(name => !modules.some(module => module.name === name));
    if (missing.length > 0)
      throw new SignalError('media-unavailable', {
        message: `the server lacks the module ${missing.join(', ')}`,
      });
    return { serverId: String(serverId), version };
  }

  #findManager(): Promise<KurentoClient.MediaObject> {
    return this.#calls.start(this.#options, done => this.#client.getMediaobjectById(SERVER_MANAGER, done));
  }

  #request(method: string, params: object, options: CallOptions<Reply>): Promise<Reply> {
    const manager = this.#manager;
    if (!manager) throw new Error('requests need the object that sends them');
    return this.#calls.start(options, done => manager.emit('_rpc', undefined, method, params, done));
  }

  #down(reason: string): void {
    const wasUp = this.#isUp;
    this.#isUp = false;
    this.#calls.rejectAll(`the link went down: ${reason}`);
    if (wasUp) this.#options.onDown(reason);
  }
}
