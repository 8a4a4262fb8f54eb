import { subprotocol } from '@manycast/protocol';
import WebSocket from 'ws';
import { offers } from './offers.js';

export type Answer = { id: string; response?: string; message?: string; retryAfterMs?: number } & Record<
  string,
  unknown
>;

/** A client of the tutorial's wire without media, as cheap as can be: it measures the server, not itself. */
export class WireSocket {
  /** Of what else the server says; text as it came. */
  onText: ((text: string) => void) | undefined;
  onClose: ((code: number) => void) | undefined;
  #waiting: { prefix: string; resolve(text: string): void; reject(error: Error): void } | undefined;

  private constructor(private readonly ws: WebSocket) {
    ws.on('message', data => {
      const text = data.toString();
      // The id is the first field of everything that ours and the tutorial's servers say.
      if (this.#waiting && text.startsWith(this.#waiting.prefix)) {
        const { resolve } = this.#waiting;
        this.#waiting = undefined;
        return resolve(text);
      }
      if (this.#waiting && text.startsWith('{"id":"error"')) {
        this.#waiting.reject(new Error(`refused: ${text}`));
        this.#waiting = undefined;
      }
      this.onText?.(text);
    });
    ws.on('close', code => {
      this.#waiting?.reject(new Error(`closed with ${code}`));
      this.#waiting = undefined;
      this.onClose?.(code);
    });
  }

  static open(url: string): Promise<WireSocket> {
    return new Promise((resolve, reject) => {
      const { ws, socket } = WireSocket.to(url, [], reject);
      ws.on('open', () => resolve(socket));
    });
  }

  /** As a client of `manycast.v1`, after its welcome. */
  static openModern(url: string): Promise<{ socket: WireSocket; welcome: Answer }> {
    return new Promise((resolve, reject) => {
      const { socket } = WireSocket.to(url, [subprotocol], reject);
      socket.next('welcome').then(welcome => resolve({ socket, welcome }), reject);
    });
  }

  private static to(url: string, protocols: string[], onError: (error: Error) => void) {
    // Servers for trying things out have certificates of their own.
    const ws = new WebSocket(url, protocols, { perMessageDeflate: false, rejectUnauthorized: false });
    ws.on('error', onError);
    return { ws, socket: new WireSocket(ws) };
  }

  send(message: object): void {
    this.ws.send(JSON.stringify(message));
  }

  /** The next message whose id begins so. One at a time is waited for. */
  next(id: string): Promise<Answer> {
    return new Promise<string>((resolve, reject) => {
      this.#waiting = { prefix: `{"id":"${id}`, resolve, reject };
    }).then(text => JSON.parse(text));
  }

  /** Offers; resolves with the answer, whatever it is. */
  offer(role: 'presenter' | 'viewer', room: string) {
    this.send({ id: role, sdpOffer: offers[role], room });
    return this.next(`${role}Response`);
  }

  /** Offers; throws unless it is accepted. */
  async join(role: 'presenter' | 'viewer', room: string): Promise<void> {
    const { response, message } = await this.offer(role, room);
    if (response !== 'accepted') throw new Error(`${role} of ${room} not accepted: ${message}`);
  }

  terminate(): void {
    this.ws.terminate();
  }
}
