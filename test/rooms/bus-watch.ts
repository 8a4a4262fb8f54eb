import type { RoomName } from '@manycast/protocol';
import { Keys } from '@manycast/redis';
import { Redis } from 'ioredis';

interface Command {
  source: string;
  name: string;
  args: string[];
}

/** What a Redis is asked about one room, and has its nodes told; presence aside, which is told once a second at most. */
export class BusWatch {
  readonly #commands: Command[] = [];

  private constructor(
    private readonly room: RoomName,
    private readonly connection: Redis,
    private readonly monitor: Redis,
  ) {}

  static async on(url: string, room: RoomName): Promise<BusWatch> {
    const connection = new Redis(url);
    const monitor = await connection.monitor();
    const watch = new BusWatch(room, connection, monitor);
    monitor.on('monitor', (_time: string, [name, ...args]: string[], source: string) => {
      watch.#commands.push({ source, name: String(name).toLowerCase(), args });
    });
    return watch;
  }

  /** `published`: each goes to every subscriber. `asked`: by nodes and controllers, each perhaps a script. */
  async seen(): Promise<{ published: string[]; asked: string[] }> {
    await this.connection.echo('barrier');
    while (!this.#commands.some(({ name }) => name === 'echo')) await new Promise(setImmediate);
    const ours = this.#commands.filter(
      ({ args }) =>
        args.some(arg => arg.includes(`{room:${this.room}}`)) &&
        !args.some(arg => /"pauseMs"|"type":"presence"/.test(arg)),
    );
    const texts = (isOf: (command: Command) => boolean) =>
      ours.filter(isOf).map(({ name, args }) => [name, ...args].join(' '));
    return {
      published: texts(({ source, name }) => source === 'lua' && name === 'publish'),
      asked: texts(({ source }) => source !== 'lua'),
    };
  }

  /** Nodes that are told what is said in the room. */
  async subscribers(): Promise<number> {
    const [, count] = await this.connection.pubsub('NUMSUB', new Keys('manycast').feedChannel(this.room));
    return Number(count);
  }

  close(): void {
    this.monitor.disconnect();
    this.connection.disconnect();
  }
}
