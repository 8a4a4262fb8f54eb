import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What becomes of bytes: they pass; connections are refused; or they are taken and nothing ever passes. */
type Passage = 'open' | 'refused' | 'silent';

/** A stretch of network between one process and a server, which can be cut. Knows nothing of what passes. */
export class WireProxy {
  #passage: Passage = 'open';
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: { host: string; port: number },
  ) {
    server.on('connection', socket => this.#join(socket));
  }

  static async start(at: { host: string; port?: number }, target: { host: string; port: number }) {
    const server = createServer();
    server.listen(at.port ?? 0, at.host);
    await once(server, 'listening');
    return new WireProxy(server, target);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** From now on. Connections that stand are cut, unless they are to fall silent. */
  set(passage: Passage): void {
    this.#passage = passage;
    for (const socket of this.#sockets) {
      if (passage === 'silent') socket.pause();
      else socket.destroy();
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  #join(client: Socket): void {
    if (this.#passage === 'refused') return void client.destroy();
    const upstream = connect(this.target);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.on('data', bytes => void to.write(bytes));
      if (this.#passage === 'silent') from.pause();
    }
  }
}
