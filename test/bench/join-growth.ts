import { openGrants } from '@manycast/core';
import {
  asEndpointId,
  asMediaServerUrl,
  asNodeId,
  asPipelineId,
  asSessionId,
  RoomName,
} from '@manycast/protocol';
import { openStores } from '../support/cluster-stores.js';
import { type Benchmark, figure } from './benchmark.js';
import { percentile } from './samples.js';
import type { Stand } from './stand.js';
import { WireSocket } from './wire-socket.js';

const roomCounts = { ours: 100_000, peer: 10 };
const warmUps = 150;
/** Of the stores’ own steps; many at once, so that filling does not take longer than measuring. */
const atOnce = 500;

/** Two clusters that differ in nothing but the rooms in their Redis; a viewer joins each in turn. */
export const joinGrowth: Benchmark = {
  names: ['join-growth'],
  about: 'a viewer’s join with 100,000 live rooms in Redis; peer: with 10',
  async run(stand, options) {
    const media = await stand.mediaServer();
    const sides = await Promise.all(
      (['ours', 'peer'] as const).map(async name => ({
        name,
        url: await cluster(stand, media.url, roomCounts[name]),
      })),
    );
    const joins = options.isQuick ? 1_000 : 5_000;
    const tookMs = { ours: [] as number[], peer: [] as number[] };
    for (let index = 0; index < warmUps + joins; index += 1) {
      for (const { name, url } of index % 2 ? sides : sides.toReversed()) {
        const viewer = await WireSocket.open(url);
        const offeredAt = performance.now();
        await viewer.join('viewer', 'default');
        if (index >= warmUps) tookMs[name].push(performance.now() - offeredAt);
        viewer.terminate();
      }
    }
    return [figure('join-growth', percentile(tookMs.ours, 0.5), percentile(tookMs.peer, 0.5), 'ms, p50')];
  },
};

async function cluster(stand: Stand, media: string, rooms: number): Promise<string> {
  const redis = await stand.redis();
  const node = await stand.node({ redisUrl: redis.url, mediaServers: [media] });
  await fill(redis.url, media, rooms);
  const presenter = await WireSocket.open(node.wsUrl('/one2many'));
  stand.onEnd(() => presenter.terminate());
  await presenter.join('presenter', 'default');
  return node.wsUrl('/one2many');
}

/** Live rooms as their presenters would have made them: by the same scripts. */
async function fill(redisUrl: string, media: string, rooms: number): Promise<void> {
  const stores = await openStores(redisUrl);
  const server = asMediaServerUrl(media);
  const open = async (index: number) => {
    const room = RoomName.parse(`filler-${index}`);
    const session = asSessionId(`session-${index}`);
    const identity = {
      room,
      session,
      node: asNodeId('filler'),
      epoch: 1,
      speech: 'manycast.v1',
      grants: openGrants,
    } as const;
    const claim = await stores.rooms.claim(identity);
    if (claim.status !== 'claimed') throw new Error(`room ${room}: ${claim.status}`);
    const { generation } = claim;
    const place = await stores.pool.reserve({ room, generation, slots: 4 });
    if (place.status !== 'reserved') throw new Error(`room ${room}: ${place.status}`);
    await stores.rooms.goLive({
      ...identity,
      generation,
      server,
      pipeline: asPipelineId(`pipeline-${index}`),
      endpoint: asEndpointId(`endpoint-${index}`),
      slots: place.slots,
    });
    await stores.pool.keep({ room, generation });
  };
  for (let from = 0; from < rooms; from += atOnce) {
    const count = Math.min(atOnce, rooms - from);
    await Promise.all(Array.from({ length: count }, (_, index) => open(from + index)));
  }
  stores.close();
}
