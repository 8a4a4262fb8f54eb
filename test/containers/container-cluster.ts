import {
  GenericContainer,
  Network,
  type StartedNetwork,
  type StartedTestContainer,
  Wait,
} from 'testcontainers';
import type { AppImage } from './images.js';
import { redisImage } from './images.js';
import { LockedContainer } from './locked-container.js';

export interface ContainerNode {
  readonly container: StartedTestContainer;
  readonly httpUrl: string;
  wsUrl(path: string): string;
}

/** Redis, one embedded media server and two signaling nodes, each in a container, on a network of their own. */
export class ContainerCluster {
  private constructor(
    readonly redis: StartedTestContainer,
    readonly media: StartedTestContainer,
    /** Where the media server is for this machine, if it is at all: candidates name the same address. */
    readonly mediaUrl: string,
    readonly nodes: readonly [ContainerNode, ContainerNode],
    private readonly network: StartedNetwork,
  ) {}

  static async start(images: { signaling: AppImage; media: AppImage }): Promise<ContainerCluster> {
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
    const startNode = async (): Promise<ContainerNode> => {
      const container = await new LockedContainer(images.signaling.name)
        .withNetwork(network)
        .withEnvironment({
          MANYCAST_REDIS_URL: 'redis://redis:6379',
          MANYCAST_MEDIA_SERVERS: 'ws://media-0:8888/kurento',
        })
        .withExposedPorts(8080)
        .withWaitStrategy(Wait.forHttp('/readyz', 8080).forStatusCode(200))
        .start();
      const address = `${container.getHost()}:${container.getMappedPort(8080)}`;
      return { container, httpUrl: `http://${address}`, wsUrl: path => `ws://${address}${path}` };
    };
    const nodes = [await startNode(), await startNode()] as const;
    const mediaUrl = `http://${media.getIpAddress(network.getName())}:8888`;
    return new ContainerCluster(redis, media, mediaUrl, nodes, network);
  }

  async stop(): Promise<void> {
    const containers = [...this.nodes.map(({ container }) => container), this.media, this.redis];
    await Promise.all(containers.map(container => container.stop()));
    await this.network.stop();
  }
}
