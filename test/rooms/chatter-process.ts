import { fileURLToPath } from 'node:url';
import { type RunningProcess, startProcess } from '../support/child-process.js';
import { freePort } from '../support/free-port.js';
import type { Accepted, ChattersOrder, ChattersReport, TalkOrder } from './chatters.js';
import type { Verdict } from './crowd.js';

/** Many viewers in a process of their own, and how to tell them what to do. */
export class ChatterProcess {
  private constructor(
    readonly process: RunningProcess,
    private readonly url: string,
  ) {}

  /** Resolves when all of them are in. */
  static async start(order: ChattersOrder): Promise<ChatterProcess> {
    const port = await freePort();
    const process = await startProcess({
      name: `${order.count} chatters`,
      command: globalThis.process.execPath,
      args: [
        '--import',
        'tsx',
        fileURLToPath(new URL('chatters.ts', import.meta.url)),
        String(port),
        JSON.stringify(order),
      ],
      ready: /^ready/m,
      readyTimeoutMs: 120_000,
    });
    return new ChatterProcess(process, `http://127.0.0.1:${port}`);
  }

  talk = (order: TalkOrder) => this.#ask<null>('/talk', order);
  /** How many messages were accepted or given up. */
  progress = () => this.#ask<number>('/progress');
  report = () => this.#ask<ChattersReport>('/report');
  /** Of what its viewers heard, held against what everybody's rooms accepted. */
  verdict = (accepted: Accepted) => this.#ask<Verdict>('/verdict', accepted);
  leave = () => this.#ask<null>('/leave');

  async #ask<T>(path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.url + path, {
      method: 'POST',
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as T;
  }
}
