import { describe, expect } from 'vitest';
import type { KurentoSession } from '../support/kurento-session.js';
import { kmsCase } from './kms-case.js';
import { OFFER } from './sample-offer.js';

const asRecord = (tags: { key: string; value: string }[]) =>
  Object.fromEntries(tags.map(({ key, value }) => [key, value]));

async function bothKinds(session: KurentoSession): Promise<string[]> {
  const pipeline = await session.createPipeline();
  return [pipeline, await session.createEndpoint(pipeline)];
}

/** The tags that come with an endpoint's IceGatheringDone. */
async function tagsInEvent(session: KurentoSession, endpoint: string): Promise<Record<string, string>> {
  await session.subscribe(endpoint, 'IceGatheringDone');
  await session.invoke(endpoint, 'processOffer', { offer: OFFER });
  await session.invoke(endpoint, 'gatherCandidates');
  const { tags } = await session.socket.event('IceGatheringDone', endpoint);
  return asRecord(tags ?? []);
}

describe.concurrent('tags', () => {
  kmsCase('addTag, getTag and getTags on every media object, seen by every session', async ({ kms }) => {
    const [one, two] = [await kms.session(), await kms.session()];
    for (const object of await bothKinds(one)) {
      await one.invoke(object, 'addTag', { key: 'room', value: 'blue' });
      await one.invoke(object, 'addTag', { key: 'role', value: 'presenter' });
      expect(await two.invoke(object, 'getTag', { key: 'room' })).toBe('blue');
      expect(asRecord(await two.invoke(object, 'getTags'))).toEqual({ room: 'blue', role: 'presenter' });
    }
  });

  kmsCase('a second addTag of a key replaces its value', async ({ kms }) => {
    const session = await kms.session();
    for (const object of await bothKinds(session)) {
      for (const value of ['1', '2']) await session.invoke(object, 'addTag', { key: 'generation', value });
      expect(asRecord(await session.invoke(object, 'getTags'))).toEqual({ generation: '2' });
    }
  });

  kmsCase('removeTag takes one away, and an unknown one answers success', async ({ kms }) => {
    const session = await kms.session();
    const [object] = (await bothKinds(session)) as [string];
    await session.invoke(object, 'addTag', { key: 'room', value: 'blue' });
    for (const _ of [1, 2]) await session.invoke(object, 'removeTag', { key: 'room' });
    expect(await session.invoke(object, 'getTags')).toEqual([]);
  });

  kmsCase('an unknown tag key is refused with 40110', async ({ kms }) => {
    const session = await kms.session();
    for (const object of await bothKinds(session)) {
      const reply = await session.request('invoke', {
        object,
        operation: 'getTag',
        operationParams: { key: 'never-set' },
      });
      expect(reply.error).toMatchObject({ code: 40110 });
    }
  });

  kmsCase('events carry no tags unless sendTagsInEvents is set', async ({ kms }) => {
    const session = await kms.session();
    const [, endpoint] = (await bothKinds(session)) as [string, string];
    await session.invoke(endpoint, 'addTag', { key: 'room', value: 'blue' });
    expect(await session.invoke(endpoint, 'getSendTagsInEvents')).toBe(false);
    expect(await tagsInEvent(session, endpoint)).toEqual({});
  });

  kmsCase('with sendTagsInEvents every event carries them', async ({ kms }) => {
    const session = await kms.session();
    const [, endpoint] = (await bothKinds(session)) as [string, string];
    await session.invoke(endpoint, 'addTag', { key: 'room', value: 'blue' });
    await session.invoke(endpoint, 'setSendTagsInEvents', { sendTagsInEvents: true });
    expect(await session.invoke(endpoint, 'getSendTagsInEvents')).toBe(true);
    expect(await tagsInEvent(session, endpoint)).toEqual({ room: 'blue' });
  });
});
