import { type EmbeddedMedia, startEmbeddedMedia } from '../support/embedded-media.js';
import { type PrivateRedis, startRedisServer } from '../support/redis-server.js';
import { type SignalingNode, startSignalingNode } from '../support/signaling-node.js';

export interface TwoNodes {
  redis: PrivateRedis;
  media: EmbeddedMedia[];
  nodes: [SignalingNode, SignalingNode];
  stop(): Promise<void>;
}

/** What `npm start` runs: two nodes, two media servers, one Redis. */
export async function startTwoNodes(): Promise<TwoNodes> {
  const redis = await startRedisServer();
  const media = await Promise.all([startEmbeddedMedia(), startEmbeddedMedia()]);
  const start = () =>
    startSignalingNode({ redisUrl: redis.url, mediaServers: media.map(server => server.url) });
  const nodes = await Promise.all([start(), start()]);
  return {
    redis,
    media,
    nodes: nodes as [SignalingNode, SignalingNode],
    stop: async () => {
      await Promise.all(nodes.map(node => node.stop()));
      await Promise.all(media.map(server => server.stop()));
      await redis.stop();
    },
  };
}
