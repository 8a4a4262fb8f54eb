import { randomUUID } from 'node:crypto';
import { type Audience, openGrants } from '@manycast/core';
import {
  asEndpointId,
  asMediaServerUrl,
  asNodeId,
  asPipelineId,
  asSessionId,
  RoomName,
} from '@manycast/protocol';
import { expect, it } from 'vitest';
import { startRedisServer } from '../../../test/support/redis-server.js';
import { RedisStage } from './testing/redis-stage.js';

const stage = new RedisStage(() => startRedisServer());

it('[R-PRES-1] the number of viewers that was told while the bus was cut is heard when it is whole again', async () => {
  const [writer, reader] = [await stage.openNode(), await stage.openNode()];
  const { rooms, chat } = writer;
  const room = RoomName.parse(`room-${randomUUID()}`);
  const newcomer = () => ({ room, session: asSessionId(randomUUID()), node: asNodeId('n'), epoch: 1 });
  const own = { speech: 'manycast.v1', grants: openGrants } as const;
  const presenter = newcomer();
  const claim = await rooms.claim({ ...presenter, ...own });
  if (claim.status !== 'claimed') throw new Error(claim.status);
  const { generation } = claim;
  const server = asMediaServerUrl('ws://media-1/kurento');
  const media = { server, pipeline: asPipelineId('p'), endpoint: asEndpointId('p/e') };
  await rooms.goLive({ ...presenter, ...own, ...media, generation, slots: 4 });

  const told: Audience[] = [];
  await reader.feed.subscribe(room, {
    onEntry: () => undefined,
    onPresence: audience => told.push(audience),
  });
  reader.redis.subscriber.disconnect(false);
  await rooms.join({ ...newcomer(), ...own });
  expect(await chat.tellPresence(room, 0)).toMatchObject({ status: 'told', card: { viewers: 1 } });
  expect(told).toEqual([]);
  await reader.redis.subscriber.connect();
  await expect.poll(() => told, { timeout: 5_000 }).toEqual([{ viewers: 1, isPresenterAway: false }]);
});
