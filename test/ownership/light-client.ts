import { subprotocol } from '@manycast/protocol';
import WebSocket from 'ws';
import type { Json } from '../support/kurento-rpc.js';

/** A client of `manycast.v1` without media, cheap enough for a thousand at a time: it does what it is told to, and counts. */
export class LightClient {
  /** Numbers of the room's events, in the order in which they were told. */
  readonly seqs: number[] = [];
  /** The same events, in words. */
  readonly events: string[] = [];
  session = '';
  resumeToken = '';
  onGoaway: (afterMs: number) => void = () => undefined;
  onClose: (code: number) => void = () => undefined;
  onRenegotiate: (reason: string) => void = () => undefined;
  #ws: WebSocket | undefined;
  readonly #waiting = new Map<string, (message: Json) => void>();

  constructor(
    readonly role: 'presenter' | 'viewer',
    readonly room: string,
    readonly sdpOffer: string,
  ) {}

  get isOpen(): boolean {
    return this.#ws?.readyState === WebSocket.OPEN;
  }

  async open(nodeUrl: string): Promise<void> {
    const { ws, welcome } = await this.#greeted(nodeUrl);
    this.#ws = ws;
    this.session = welcome.session;
    this.resumeToken = welcome.resumeToken;
  }

  /** Resolves with the answer. */
  join(): Promise<Json> {
    this.#send({ id: this.role, sdpOffer: this.sdpOffer, room: this.room });
    return this.#next(`${this.role}Response`);
  }

  /** On another socket; the former one is left to the server. Resolves with `resumed` or `resumeRejected`. */
  async resume(nodeUrl: string): Promise<Json> {
    const { ws } = await this.#greeted(nodeUrl);
    this.#ws = ws;
    ws.send(JSON.stringify({ id: 'resume', resumeToken: this.resumeToken, seq: this.seqs.at(-1) ?? 0 }));
    return Promise.race([this.#next('resumed'), this.#next('resumeRejected')]);
  }

  /** Ends the session for good; resolves when its socket is closed. */
  async leave(): Promise<void> {
    this.onClose = () => undefined;
    const ws = this.#ws;
    if (ws?.readyState !== WebSocket.OPEN) return;
    const closed = new Promise(resolve => ws.once('close', resolve));
    ws.send(JSON.stringify({ id: 'leave' }), () => ws.close());
    await closed;
  }

  end(): void {
    this.onClose = () => undefined;
    this.#ws?.terminate();
  }

  #send(message: object): void {
    this.#ws?.send(JSON.stringify(message));
  }

  #next(id: string): Promise<Json> {
    return new Promise(resolve => this.#waiting.set(id, resolve));
  }

  #greeted(nodeUrl: string): Promise<{ ws: WebSocket; welcome: Json }> {
    return new Promise((resolve, reject) => {
      const ws = new WebSocket(`${nodeUrl}?room=${this.room}`, [subprotocol], { perMessageDeflate: false });
      ws.on('error', reject);
      ws.on('close', code => {
        if (ws === this.#ws) this.onClose(code);
        reject(new Error(`closed with ${code}`));
      });
      ws.on('message', data => {
        const message = JSON.parse(data.toString());
        if (message.id === 'welcome' && ws !== this.#ws) return resolve({ ws, welcome: message });
        if (ws === this.#ws) this.#receive(message);
      });
    });
  }

  #receive(message: Json): void {
    switch (message.id) {
      case 'resumed':
        this.resumeToken = message.resumeToken;
        for (const event of message.events) this.#note(event);
        break;
      case 'room':
        return this.#note(message);
      case 'renegotiate':
        return this.onRenegotiate(message.reason);
      case 'goaway':
        return this.onGoaway(message.afterMs);
    }
    this.#waiting.get(message.id)?.(message);
    this.#waiting.delete(message.id);
  }

  #note({ seq, type }: Json): void {
    this.seqs.push(seq);
    this.events.push(type);
  }
}
