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

/** A live room, and who hears of it through another node. */
async function follow() {
  const [writer, reader] = [await stage.openNode(), await stage.openNode()];
  const { rooms } = writer;
  const room = RoomName.parse(`room-${randomUUID()}`);
  const newcomer = () => ({ room, session: asSessionId(randomUUID()), node: asNodeId('n'), epoch: 1 });
  const own = { speech: 'manycast.v1', grants: openGrants } as const;
  const present = async () => {
    const presenter = newcomer();
    const claim = await rooms.claim({ ...presenter, ...own });
    if (claim.status !== 'claimed') throw new Error(claim.status);
    const { generation } = claim;
    const server = asMediaServerUrl('ws://media-1/kurento');
    const media = { server, pipeline: asPipelineId('p'), endpoint: asEndpointId('p/e') };
    await rooms.goLive({ ...presenter, ...own, ...media, generation, slots: 4 });
    return presenter;
  };
  const watch = () => rooms.join({ ...newcomer(), ...own });
  const presenter = await present();
  const told: Audience[] = [];
  await reader.feed.subscribe(room, {
    onEntry: () => undefined,
    onPresence: audience => told.push(audience),
  });
  return { writer, reader, room, presenter, present, watch, told };
}

it('[R-PRES-1] the number of viewers that was told while the bus was cut is heard when it is whole again', async () => {
  const { writer, reader, room, watch, told } = await follow();
  reader.redis.subscriber.disconnect(false);
  await watch();
  expect(await writer.chat.tellPresence(room, 0)).toMatchObject({ status: 'told', card: { viewers: 1 } });
  expect(told).toEqual([]);
  await reader.redis.subscriber.connect();
  await expect.poll(() => told, { timeout: 5_000 }).toEqual([{ viewers: 1, isPresenterAway: false }]);
});

it('[R-PRES-1] so is that of a room which was opened anew meanwhile, of which nothing has been said', async () => {
  const { writer, reader, room, presenter, present, watch, told } = await follow();
  reader.redis.subscriber.disconnect(false);
  await writer.rooms.leave(presenter);
  await present();
  await watch();
  await writer.chat.tellPresence(room, 0);
  await reader.redis.subscriber.connect();
  await expect.poll(() => told, { timeout: 5_000 }).toEqual([{ viewers: 1, isPresenterAway: false }]);
});
