import { once } from 'node:events';
import WebSocket from 'ws';

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

  close(): void {
    this.ws.close();
  }

  async #call(method: string): Promise<void> {
    const id = ++this.#id;
    const answered = new Promise<void>(resolve => {
      const listen = (data: WebSocket.RawData) => {
        if (JSON.parse(data.toString()).id !== id) return;
        this.ws.off('message', listen);
        resolve();
      };
      this.ws.on('message', listen);
    });
    this.ws.send(JSON.stringify({ id, method }));
    await answered;
  }
}
