import { randomUUID } from 'node:crypto';
import type { Audience, InboxMessage } from '@manycast/core';
import { asNodeId, asSessionId, RoomName } from '@manycast/protocol';
import { expect, it } from 'vitest';
import { startRedisServer } from '../../../test/support/redis-server.js';
import { Keys } from './keys.js';
import { RedisStage } from './testing/redis-stage.js';

const stage = new RedisStage(() => startRedisServer());

const nonsense = [
  ...['', '{', 'null', '7', '[]', '"text"', '{}', '{"v":1}', '{"v":2,"type":"presence"}'],
  ...['{"v":1,"type":7}', '{"v":1,"type":"entry"}', '{"v":1,"type":"entry","entry":null}', '\u0000'],
];

it('nonsense on the channels of the bus, the chat and a node’s inbox is passed over', async () => {
  const { redis, events, feed, inbox } = await stage.openNode('nonsense');
  const keys = new Keys('nonsense');
  const room = RoomName.parse(`room-${randomUUID()}`);
  const node = asNodeId('n');
  const heard: { audiences: Audience[]; entries: unknown[]; events: unknown[]; inbox: InboxMessage[] } = {
    audiences: [],
    entries: [],
    events: [],
    inbox: [],
  };
  await inbox.open(node, message => heard.inbox.push(message));
  await events.subscribe(room, event => heard.events.push(event));
  await feed.subscribe(room, {
    onEntry: entry => heard.entries.push(entry),
    onPresence: audience => heard.audiences.push(audience),
  });
  for (const said of nonsense)
    for (const channel of [keys.eventChannel(room), keys.feedChannel(room), `${keys.inboxPrefix()}${node}`])
      await redis.commands.publish(channel, said);
  const presence = { v: 1, type: 'presence', viewers: 3, isPresenterAway: false };
  await redis.commands.publish(keys.feedChannel(room), JSON.stringify(presence));
  const superseded: InboxMessage = { type: 'superseded', session: asSessionId('s'), room, epoch: 2 };
  await inbox.send(node, superseded);
  await expect.poll(() => heard.inbox).toContainEqual(superseded);
  expect(heard.audiences).toEqual([{ viewers: 3, isPresenterAway: false }]);
  expect([heard.entries, heard.events]).toEqual([[], []]);
});
