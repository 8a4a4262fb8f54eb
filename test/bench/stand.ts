import { fileURLToPath } from 'node:url';
import { type RunningProcess, startProcess } from '../support/child-process.js';
import { type EmbeddedMedia, startEmbeddedMedia } from '../support/embedded-media.js';
import { freePort } from '../support/free-port.js';
import type { Plot } from '../support/line-plot.js';
import { type PrivateRedis, startRedisServer } from '../support/redis-server.js';
import {
  type SignalingNode,
  type SignalingNodeOptions,
  startSignalingNode,
} from '../support/signaling-node.js';

interface Program {
  port: number;
  process: RunningProcess;
}

/** More than any benchmark asks for: no limit of ours is what is measured. */
const roomy = {
  MANYCAST_MEDIA_SERVER_CAPACITY: '1000000',
  MANYCAST_MAX_SESSIONS: '100000',
  MANYCAST_MAX_SOCKETS: '100000',
  // Here all clients have one address. 0: no limit.
  MANYCAST_MAX_SOCKETS_PER_ADDRESS: '0',
  MANYCAST_MAX_JOINS_PER_ADDRESS: '0',
  MANYCAST_MAX_MESSAGES_PER_S: '100000',
};

/** Starts what one benchmark needs, each in a process of its own, and ends it all. Nothing but loopback. */
export class Stand {
  /** What else was seen, for the reader of the table. */
  readonly notes: string[] = [];
  /** What a number does not say, where there is more to see. */
  plot: Plot | undefined;
  private readonly closers: (() => unknown)[] = [];

  /** The last that was begun ends first. */
  onEnd(close: () => unknown): void {
    this.closers.unshift(close);
  }

  async end(): Promise<void> {
    for (const close of this.closers.splice(0)) await close();
  }

  async redis(): Promise<PrivateRedis> {
    const redis = await startRedisServer();
    this.onEnd(() => redis.stop());
    return redis;
  }

  /** `none`: Kurento's protocol without media, so that what is in front of it is what is measured. */
  async mediaServer(media: 'none' | 'webrtc' = 'none'): Promise<EmbeddedMedia> {
    const server = await startEmbeddedMedia({ env: { MANYCAST_MEDIA: media } });
    this.onEnd(() => server.stop());
    return server;
  }

  async node(options: SignalingNodeOptions): Promise<SignalingNode> {
    const node = await startSignalingNode({ ...options, env: { ...roomy, ...options.env } });
    this.onEnd(() => node.process.stop(3_000));
    return node;
  }

  /** A program of ./peers on a port of its own; it is ready when it says so. */
  peer(program: string, ...args: string[]): Promise<Program> {
    return this.program(`peers/${program}`, [], args);
  }

  /** The same with arguments for the interpreter. */
  inspectedPeer(program: string, inspectorPort: number): Promise<Program> {
    return this.program(`peers/${program}`, [`--inspect=${inspectorPort}`], []);
  }

  /** Clients in a process of their own. */
  clients(program: string, order: object): Promise<Program> {
    return this.program(program, ['--import', 'tsx'], [JSON.stringify(order)]);
  }

  private async program(file: string, nodeArgs: string[], args: string[]): Promise<Program> {
    const port = await freePort();
    const process = await startProcess({
      name: `${file} on ${port}`,
      command: globalThis.process.execPath,
      args: [...nodeArgs, fileURLToPath(new URL(file, import.meta.url)), String(port), ...args],
      ready: /^ready/m,
      readyTimeoutMs: 120_000,
    });
    this.onEnd(() => process.stop(3_000));
    return { port, process };
  }
}
