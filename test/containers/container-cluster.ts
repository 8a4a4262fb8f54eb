import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  GenericContainer,
  getContainerRuntimeClient,
  Network,
  type StartedNetwork,
  type StartedTestContainer,
  Wait,
} from 'testcontainers';
import { haproxyFile } from '../manifests/haproxy-config.js';
import { AdminClient } from '../support/admin-client.js';
import { type AppImage, redisImage } from './images.js';
import { LockedContainer } from './locked-container.js';

export interface ContainerNode {
  readonly container: StartedTestContainer;
  readonly httpUrl: string;
  wsUrl(path: string): string;
}

export interface ClusterImages {
  signaling: AppImage;
  controller: AppImage;
  media: AppImage;
}

/** Redis, one embedded media server, a controller and two signaling nodes, each in a container, on a network of their own. */
export class ContainerCluster {
  #proxy: StartedTestContainer | undefined;

  private constructor(
    readonly redis: StartedTestContainer,
    readonly media: StartedTestContainer,
    /** Where the media server is for this machine, if it is at all: candidates name the same address. */
    readonly mediaUrl: string,
    readonly controller: StartedTestContainer,
    readonly nodes: readonly [ContainerNode, ContainerNode],
    private readonly network: StartedNetwork,
  ) {}

  static async start(images: ClusterImages): Promise<ContainerCluster> {
    const network = await new Network().start();
    const [redis, media] = await Promise.all([
      new GenericContainer(redisImage)
        .withNetwork(network)
        .withNetworkAliases('redis')
        .withExposedPorts(6379)
        .start(),
      new LockedContainer(images.media.name)
        .withNetwork(network)
        .withNetworkAliases('media-0')
        .withExposedPorts(8888)
        .withWaitStrategy(Wait.forHealthCheck())
        .start(),
    ]);
    const shared = { MANYCAST_REDIS_URL: 'redis://redis:6379' };
    const tokensFile = '/etc/manycast/admin-tokens';
    const controller = await new LockedContainer(images.controller.name)
      .withNetwork(network)
      .withEnvironment({
        ...shared,
        // The engine's DNS; nodes learn of it from the pool.
        MANYCAST_MEDIA_DNS: 'dns+ws://media-0:8888/kurento',
        MANYCAST_ADMIN_HOST: '0.0.0.0',
        MANYCAST_ADMIN_TOKENS_FILE: tokensFile,
      })
      .withBindMounts([{ source: adminTokens(), target: tokensFile, mode: 'ro' }])
      .withExposedPorts(8090, 8190)
      .withWaitStrategy(Wait.forHttp('/readyz', 8090).forStatusCode(200))
      .start();
    const startNode = async (name: string): Promise<ContainerNode> => {
      const container = await new LockedContainer(images.signaling.name)
        .withNetwork(network)
        .withNetworkAliases(name)
        .withEnvironment({
          ...shared,
          MANYCAST_TOKEN_SECRET: 'a secret for tests only',
          MANYCAST_OPEN: 'true',
        })
        .withExposedPorts(8080)
        .withWaitStrategy(Wait.forHttp('/readyz', 8080).forStatusCode(200))
        .start();
      return reachedAt(container);
    };
    const nodes = [await startNode('signaling-0'), await startNode('signaling-1')] as const;
    const mediaUrl = `http://${media.getIpAddress(network.getName())}:8888`;
    return new ContainerCluster(redis, media, mediaUrl, controller, nodes, network);
  }

  /** As an operator reaches it, who has a token. */
  get admin(): AdminClient {
    return new AdminClient(
      `http://${this.controller.getHost()}:${this.controller.getMappedPort(8190)}`,
      adminToken,
    );
  }

  /** The containers of our own images. */
  get apps(): StartedTestContainer[] {
    return [this.media, this.controller, ...this.nodes.map(({ container }) => container)];
  }

  /** infra/haproxy.cfg in front of the nodes; ready when it has found one that is. */
  async startProxy(image: string): Promise<ContainerNode> {
    const target = '/usr/local/etc/haproxy/haproxy.cfg';
    const container = await new LockedContainer(image)
      .withNetwork(this.network)
      .withBindMounts([{ source: haproxyFile, target, mode: 'ro' }])
      .withExposedPorts(8080)
      .withWaitStrategy(Wait.forHttp('/readyz', 8080).forStatusCode(200))
      .start();
    this.#proxy = container;
    return reachedAt(container);
  }

  /** Redis comes back empty, under another address and the same name. */
  async withoutRedis(what: () => Promise<void>): Promise<void> {
    const client = await getContainerRuntimeClient();
    const redis = client.container.getById(this.redis.getId());
    await redis.stop({ t: 1 });
    try {
      await what();
    } finally {
      await redis.start();
    }
  }

  async stop(): Promise<void> {
    await this.#proxy?.stop();
    await Promise.all([...this.apps, this.redis].map(container => container.stop()));
    await this.network.stop();
  }
}

const adminToken = 'token-of-an-operator';

/** A file of this machine for the containers' user to read. */
function adminTokens(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'manycast-tokens-')), 'tokens');
  chmodSync(dirname(file), 0o755);
  writeFileSync(file, `write operator ${adminToken}\n`);
  return file;
}

function reachedAt(container: StartedTestContainer): ContainerNode {
  const address = `${container.getHost()}:${container.getMappedPort(8080)}`;
  return { container, httpUrl: `http://${address}`, wsUrl: path => `ws://${address}${path}` };
}
