import { startEmbeddedMedia } from '../support/embedded-media.js';
import { kmsUrl } from '../support/environment.js';
import { startRedisServer } from '../support/redis-server.js';
import { type SignalingNode, startSignalingNode } from '../support/signaling-node.js';

export interface TwoNodes {
  nodes: [SignalingNode, SignalingNode];
  stop(): Promise<void>;
}

/** Two nodes and one Redis; two embedded media servers, or the real one behind KMS_URL. */
export async function startTwoNodes(): Promise<TwoNodes> {
  const redis = await startRedisServer();
  const media = kmsUrl ? [] : await Promise.all([startEmbeddedMedia(), startEmbeddedMedia()]);
  const mediaServers = kmsUrl ? [kmsUrl] : media.map(({ url }) => url);
  const start = () => startSignalingNode({ redisUrl: redis.url, mediaServers });
  const nodes = await Promise.all([start(), start()]);
  return {
    nodes: nodes as [SignalingNode, SignalingNode],
    stop: async () => {
      await Promise.all(nodes.map(node => node.stop()));
      await Promise.all(media.map(server => server.stop()));
      await redis.stop();
    },
  };
}
