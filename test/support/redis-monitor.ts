import { Redis } from 'ioredis';

/**
 * Lists every command that clients send to a Redis, in order. Left out is what scripts do inside it, what nodes do aside (the journal
 * of sessions, the probe of the bus), and the pings
 *, leases and sightings by which processes ask whether it is there, and say that they and the media servers are,
 * and their asking what receivers want.
 */
export class RedisMonitor {
  readonly commands: string[] = [];
  /** The same with their arguments, each as one text. */
  readonly calls: string[] = [];

  private constructor(
    private readonly connection: Redis,
    private readonly monitor: Redis,
  ) {}

  static async on(url: string): Promise<RedisMonitor> {
    const connection = new Redis(url);
    const monitor = await connection.monitor();
    const watching = new RedisMonitor(connection, monitor);
    monitor.on('monitor', (_time: string, [command, ...args]: string[], source: string) => {
      const name = String(command).toLowerCase();
      // A node's beat touches the leases and no room; entering a room touches both.
      const isPulse =
        name === 'ping' ||
        args.some(arg => arg.endsWith(':{webhooks}:demand')) ||
        args.some(arg => arg.endsWith(':{pool}:observers')) ||
        // At most once a second for a room, however many come and go.
        args.some(arg => arg.includes('"pauseMs"') || arg.endsWith(':{directory}:cards')) ||
        (args.some(arg => arg.endsWith(':{nodes}:leases')) && !args.some(arg => arg.includes('"room"')));
      const isAside = args.some(arg => /:(journal|probe):/.test(arg));
      if (source === 'lua' || isPulse || isAside) return;
      watching.commands.push(name);
      watching.calls.push([name, ...args].join(' '));
    });
    return watching;
  }

  /** When it resolves, every command that Redis had taken before is listed. */
  async barrier(): Promise<void> {
    const before = this.commands.length;
    await this.connection.echo('barrier');
    while (!this.commands.slice(before).includes('echo')) await new Promise(setImmediate);
    this.commands.splice(this.commands.indexOf('echo', before), 1);
  }

  close(): void {
    this.monitor.disconnect();
    this.connection.disconnect();
  }
}
