import { once } from 'node:events';
import WebSocket from 'ws';
import type { Json } from '../support/kurento-rpc.js';

/** A process that was started with `--inspect` on that port collects its garbage when asked. */
export class GarbageCollector {
  #id = 0;

  private constructor(private readonly ws: WebSocket) {}

  static async of(inspectorPort: number): Promise<GarbageCollector> {
    const [target] = (await (await fetch(`http://127.0.0.1:${inspectorPort}/json`)).json()) as {
      webSocketDebuggerUrl: string;
    }[];
    if (!target) throw new Error('the inspector names no process');
    const ws = new WebSocket(target.webSocketDebuggerUrl);
    await once(ws, 'open');
    return new GarbageCollector(ws);
  }

  /** Twice: what finalizers let go of in the first goes in the second. */
  async collect(): Promise<void> {
    await this.#call('HeapProfiler.collectGarbage');
    await this.#call('HeapProfiler.collectGarbage');
  }

  /** What is in use after it: JavaScript's heap, and what hangs on it outside. */
  async usedBytes(): Promise<number> {
    await this.collect();
    const expression = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())';
    const { result } = await this.#call('Runtime.evaluate', { expression });
    return Number(result.value);
  }

  close(): void {
    this.ws.close();
  }

  async #call(method: string, params: object = {}): Promise<Json> {
    const id = ++this.#id;
    const answered = new Promise<Json>(resolve => {
      const listen = (data: WebSocket.RawData) => {
        const answer = JSON.parse(data.toString());
        if (answer.id !== id) return;
        this.ws.off('message', listen);
        resolve(answer.result);
      };
      this.ws.on('message', listen);
    });
    this.ws.send(JSON.stringify({ id, method, params }));
    return answered;
  }
}
