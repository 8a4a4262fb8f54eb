import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const array = (...items: string[]): string => `*${items.length}\r\n${items.join('')}`;

/** One server that is a master and the only sentinel of itself: enough of both for a client that connects (RESP 2). */
export class FakeSentinel {
  /** While it is set nobody learns who the master is. */
  isHeld = false;
  asked = 0;
  readonly #held: (() => void)[] = [];
  readonly #masters = new Set<Socket>();
  readonly #subscribers = new Set<Socket>();
  readonly #server = createServer(socket => this.#serve(socket));

  static async start(): Promise<FakeSentinel> {
    const fake = new FakeSentinel();
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get subscribers(): number {
    return this.#subscribers.size;
  }

  dropMasterConnections(): void {
    for (const socket of this.#masters) socket.destroy();
  }

  tellOfNewMaster(): void {
    for (const socket of this.#subscribers)
      socket.write(array(bulk('message'), bulk('+switch-master'), bulk('mymaster')));
  }

  release(): void {
    this.isHeld = false;
    for (const answer of this.#held.splice(0)) answer();
  }

  stop(): void {
    for (const socket of [...this.#masters, ...this.#subscribers]) socket.destroy();
    this.#server.close();
  }

  #serve(socket: Socket): void {
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#masters.delete(socket);
      this.#subscribers.delete(socket);
    });
    // Commands here are short and come in whole packets.
    socket.on('data', data => {
      for (const command of data.toString().split(/(?=\*\d+\r\n\$)/)) {
        const words = command.split('\r\n').filter(word => word !== '' && !/^[*$]\d+$/.test(word));
        this.#answer(socket, words);
      }
    });
  }

  #answer(socket: Socket, [name = '', ...args]: string[]): void {
    switch (name.toLowerCase()) {
      case 'sentinel': {
        this.asked += 1;
        const answer = () => socket.write(array(bulk('127.0.0.1'), bulk(String(this.port))));
        if (this.isHeld) this.#held.push(answer);
        else answer();
        return;
      }
      case 'subscribe':
        this.#subscribers.add(socket);
        socket.write(array(bulk('subscribe'), bulk(args[0] ?? ''), ':1\r\n'));
        return;
      case 'info':
        this.#masters.add(socket);
        socket.write(bulk('role:master\r\nloading:0'));
        return;
      case 'hello':
        socket.write('-ERR unknown command HELLO\r\n');
        return;
      default:
        socket.write('+OK\r\n');
    }
  }
}
