import type { RunningProcess } from './child-process.js';
import { type Controller, startController } from './controller.js';
import { type EmbeddedMedia, type EmbeddedMediaOptions, startEmbeddedMedia } from './embedded-media.js';
import { KurentoSession } from './kurento-session.js';
import { MediaGate } from './media-gate.js';
import { readMetric } from './metric.js';
import type { ProcessLog } from './process-log.js';
import { type PrivateRedis, startRedisServer } from './redis-server.js';
import { type SignalingNode, type SignalingNodeOptions, startSignalingNode } from './signaling-node.js';

export interface ClusterOptions {
  nodes?: number;
  mediaServers?: number;
  /** A media server that runs already, such as a real Kurento, instead of embedded ones. */
  mediaUrl?: string;
  /** Of every node. */
  env?: Record<string, string>;
  /** Clients learn the addresses of all nodes, instead of one of a load balancer. */
  isPublic?: boolean;
  /** Of the media servers; their default is Kurento's. */
  collectorPeriodMs?: number;
  /** Of every media server. */
  mediaEnv?: Record<string, string>;
  controllers?: number;
  /** Further arguments of its Redis; without them it keeps nothing. */
  redisArgs?: string[];
  /** Of every controller. */
  controllerEnv?: Record<string, string>;
  /** Default: one server of its own. Its `stop` is called in the end. */
  redis?: () => Promise<PrivateRedis>;
}

/** What is live on all of it. */
export interface ClusterFigures {
  sockets: number;
  sessions: number;
  pipelines: number;
  endpoints: number;
}

/** A whole cluster on this machine: a Redis of its own, media servers each behind a gate, nodes. Real processes. */
export class Cluster {
  private constructor(
    readonly redis: PrivateRedis,
    readonly media: EmbeddedMedia[],
    /** What the nodes know as their media servers; in the order of `media`, which a running one is no part of. */
    readonly gates: MediaGate[],
    readonly nodes: SignalingNode[],
    readonly controllers: Controller[],
    private readonly options: ClusterOptions,
  ) {}

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const { nodes = 1, mediaUrl, controllers = 0, collectorPeriodMs, mediaEnv } = options;
    const { mediaServers = mediaUrl ? 0 : 1 } = options;
    const [redis, ...media] = await Promise.all([
      options.redis?.() ?? startRedisServer({ extraArgs: options.redisArgs }),
      ...Array.from({ length: mediaServers }, () => startEmbeddedMedia({ collectorPeriodMs, env: mediaEnv })),
    ]);
    const mediaUrls = [...(mediaUrl ? [mediaUrl] : []), ...media.map(({ url }) => url)];
    const gates = await Promise.all(mediaUrls.map(url => MediaGate.before(url)));
    const cluster = new Cluster(redis, media, gates, [], [], options);
    await Promise.all([
      ...Array.from({ length: nodes }, () => cluster.addNode()),
      ...Array.from({ length: controllers }, () => cluster.addController()),
    ]);
    return cluster;
  }

  async addNode(
    env: Record<string, string> = {},
    readyPath: SignalingNodeOptions['readyPath'] = '/readyz',
    own: Pick<SignalingNodeOptions, 'faults' | 'port' | 'nodeId' | 'nodeArgs'> = {},
  ): Promise<SignalingNode> {
    const node = await startSignalingNode({
      readyPath,
      redisUrl: this.redis.url,
      mediaServers: this.gates.map(({ url }) => url),
      env: { ...this.options.env, ...env },
      isPublic: this.options.isPublic,
      ...own,
    });
    this.nodes.push(node);
    this.logs.push(node.process.log);
    return node;
  }

  async addController(faults?: string[]): Promise<Controller> {
    const controller = await startController({
      redisUrl: this.redis.url,
      mediaServers: this.gates.map(({ url }) => url),
      env: this.options.controllerEnv,
      faults,
    });
    this.controllers.push(controller);
    this.logs.push(controller.process.log);
    return controller;
  }

  /** The logs of all nodes and controllers, also of those that are gone. */
  readonly logs: ProcessLog[] = [];

  /** `kill -9`: nothing of it says goodbye. */
  async kill(victim: SignalingNode | Controller): Promise<void> {
    victim.process.kill('SIGKILL');
    await victim.process.exited;
    this.forget(victim);
  }

  /** It is gone: nobody asks it for figures any more. */
  forget(victim: SignalingNode | Controller): void {
    for (const list of [this.nodes, this.controllers] as (SignalingNode | Controller)[][]) {
      const index = list.indexOf(victim);
      if (index >= 0) list.splice(index, 1);
    }
  }

  async removeNode(node: SignalingNode): Promise<void> {
    this.nodes.splice(this.nodes.indexOf(node), 1);
    await node.stop();
  }

  /** What a node that could not give back its media left on the media servers. */
  async releaseEverything(): Promise<void> {
    for (const { url } of this.media) {
      const session = await KurentoSession.open(url);
      const pipelines: string[] = await session.invoke('manager_ServerManager', 'getPipelines');
      for (const pipeline of pipelines) await session.release(pipeline);
      await session.call('closeSession');
      await session.drop();
    }
  }

  /** One more media server behind a gate of its own; the pool has to be told of it. Returns the gate's address. */
  async addMedia(): Promise<string> {
    const { collectorPeriodMs, mediaEnv: env } = this.options;
    const media = await startEmbeddedMedia({ collectorPeriodMs, env });
    const gate = await MediaGate.before(media.url);
    this.media.push(media);
    this.gates.push(gate);
    return gate.url;
  }

  /** Ends the media server behind the gate, whatever it does just now; the pool has to be told of it, too. */
  async removeMedia(gateUrl: string): Promise<void> {
    const index = this.gates.findIndex(({ url }) => url === gateUrl);
    const [[media], [gate]] = [this.media.splice(index, 1), this.gates.splice(index, 1)];
    media?.process.kill('SIGKILL');
    await media?.process.exited;
    await gate?.close();
  }

  /** After its process was killed: another one at the same address. */
  async restartMedia(index: number, options: EmbeddedMediaOptions = {}): Promise<void> {
    const { port } = this.media[index] as EmbeddedMedia;
    this.media[index] = await startEmbeddedMedia({ ...options, port });
  }

  async figures(): Promise<ClusterFigures> {
    const media = this.media.filter(({ process }) => process.isRunning());
    const sum = async (urls: string[], name: string) =>
      (await Promise.all(urls.map(url => readMetric(url, name)))).reduce((a, b) => a + b, 0);
    const nodeUrls = this.nodes.map(({ httpUrl }) => httpUrl);
    const mediaUrls = media.map(({ port }) => `http://127.0.0.1:${port}`);
    const [sockets, sessions, pipelines, endpoints] = await Promise.all([
      sum(nodeUrls, 'manycast_sockets'),
      sum(nodeUrls, 'manycast_sessions'),
      sum(mediaUrls, 'manycast_media_pipelines'),
      sum(mediaUrls, 'manycast_media_endpoints'),
    ]);
    return { sockets, sessions, pipelines, endpoints } as ClusterFigures;
  }

  pipelinesOn({ port }: EmbeddedMedia): Promise<number> {
    return readMetric(`http://127.0.0.1:${port}`, 'manycast_media_pipelines');
  }

  /** Returns the processes that did not end cleanly, each in a few words. */
  async stop(): Promise<string[]> {
    const stop = async ({ process }: { process: RunningProcess }) => {
      const { code, signal } = await process.stop();
      return code === 0 ? [] : [`${process.name} ended with ${signal ?? `code ${code}`}`];
    };
    const nodes = await Promise.all([...this.nodes, ...this.controllers].map(stop));
    await Promise.all(this.gates.map(gate => gate.close()));
    const media = await Promise.all(this.media.map(stop));
    await this.redis.stop();
    return [...nodes, ...media].flat();
  }
}
