import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { kmsCase } from './kms-case.js';

/** Kurento's REQUEST_TIMEOUT: how long an answer is kept. */
const KEPT_MS = 20_000;

describe.concurrent('the reply cache', () => {
  kmsCase('the same session and request id get the old answer, whatever is asked', async ({ kms }) => {
    const session = await kms.session();
    const pipeline = await session.create('MediaPipeline', {}, 7);
    expect(await session.create('WebRtcEndpoint', { mediaPipeline: pipeline }, 7)).toBe(pipeline);
    expect(await session.invoke(pipeline, 'getChildren')).toEqual([]);
  });

  kmsCase('who takes a session over and starts its ids at 1 again gets old answers', async ({ kms }) => {
    const old = await kms.session();
    const pipeline = await old.create('MediaPipeline', {}, 1);
    await old.drop();
    const taken = await kms.session(old.id);
    expect(await taken.create('WebRtcEndpoint', { mediaPipeline: pipeline }, 1)).toBe(pipeline);
  });

  kmsCase('a counter that goes on gets fresh answers', async ({ kms }) => {
    const old = await kms.session();
    const pipeline = await old.create('MediaPipeline', {}, 1);
    const taken = await kms.session(old.id);
    const endpoint = await taken.create('WebRtcEndpoint', { mediaPipeline: pipeline }, 2);
    expect((await taken.describe(endpoint)).type).toBe('WebRtcEndpoint');
  });

  kmsCase('ids with a prefix of their own get fresh answers', async ({ kms }) => {
    const old = await kms.session();
    const pipeline = await old.create('MediaPipeline', {}, 'a-1');
    const taken = await kms.session(old.id);
    const endpoint = await taken.create('WebRtcEndpoint', { mediaPipeline: pipeline }, 'b-1');
    expect((await taken.describe(endpoint)).type).toBe('WebRtcEndpoint');
  });

  kmsCase('equal request ids of different sessions do not meet', async ({ kms }) => {
    const [one, two] = [await kms.session(), await kms.session()];
    expect(await one.create('MediaPipeline', {}, 5)).not.toBe(await two.create('MediaPipeline', {}, 5));
  });

  kmsCase('after 20 s an id is fresh again, and not long before', { timeout: 40_000 }, async ({ kms }) => {
    const session = await kms.session();
    const pipeline = await session.create('MediaPipeline', {}, 9);
    await pause(KEPT_MS * 0.75);
    expect(await session.create('MediaPipeline', {}, 9)).toBe(pipeline);
    await pause(KEPT_MS * 0.25 + 1_000);
    expect(await session.create('MediaPipeline', {}, 9)).not.toBe(pipeline);
  });
});
