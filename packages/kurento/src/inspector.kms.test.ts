import type { PipelineId } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../../../test/support/wait-for.js';
import { isPeriodTooLong, OwnershipStage } from './testing/ownership-stage.js';
import { failure } from './testing/scripted-media.js';

describe('the media inspector on a media server', () => {
  const stage = new OwnershipStage();

  it('reads what objects were tagged with', async () => {
    const [maker, { inspector, server }] = await Promise.all([stage.process(), stage.process()]);
    const { pipeline, presenter, viewer } = await stage.room(maker);
    const tags = { room: 'owned', session: presenter.session, generation: 1, speech: 'tutorial' };
    expect(await inspector.tags({ server, object: pipeline })).toEqual({ ...tags, role: 'pipeline' });
    expect(await inspector.tags({ server, object: presenter.endpoint })).toEqual({
      ...tags,
      role: 'presenter',
    });
    expect(await inspector.tags({ server, object: viewer.endpoint })).toEqual({
      ...tags,
      session: viewer.session,
      role: 'viewer',
    });
    await maker.media.releasePipeline({ server: maker.server, pipeline });
    expect(await failure(inspector.tags({ server, object: viewer.endpoint }))).toMatchObject({
      code: 'media-gone',
    });
  });

  it('lists the pipelines of everybody', async () => {
    const [maker, { inspector, server }] = await Promise.all([stage.process(), stage.process()]);
    const { pipeline } = await stage.room(maker);
    expect(await inspector.pipelines(server)).toContain(pipeline);
    await maker.media.releasePipeline({ server: maker.server, pipeline });
    expect(await inspector.pipelines(server)).not.toContain(pipeline);
  });

  it('sees whether a client is connected', async () => {
    const [maker, { inspector, server }] = await Promise.all([stage.process(), stage.process()]);
    const { presenter } = await stage.room(maker);
    const states = () => inspector.states({ server, endpoint: presenter.endpoint });
    expect(await states()).toEqual({ connection: 'disconnected', media: 'disconnected' });
    await stage.connect(maker, presenter);
    await waitFor('it to be connected', async () => (await states()).connection === 'connected');
  });

  it('is told of every new pipeline, whoever makes it, and of nothing else', async () => {
    const [maker, { inspector, server }, raw] = await Promise.all([
      stage.process(),
      stage.process(),
      stage.raw(),
    ]);
    await stage.room(maker);
    const created: PipelineId[] = [];
    await inspector.watchPipelines(server, pipeline => created.push(pipeline));
    const { pipeline } = await stage.room(maker);
    const { value: foreign } = await raw.call('create', { type: 'MediaPipeline' });
    await waitFor('both', () => created.length >= 2);
    expect(created).toEqual([pipeline, foreign]);
    await raw.close();
  });

  describe.skipIf(isPeriodTooLong)('after a while', () => {
    it('is told of new pipelines again, once each, when its session had been collected', async () => {
      const [maker, watcher] = await Promise.all([stage.process(), stage.process()]);
      const created: PipelineId[] = [];
      await watcher.inspector.watchPipelines(watcher.server, pipeline => created.push(pipeline));
      const before = watcher.proxy.sessions;
      expect(before.size).toBeGreaterThan(0);
      watcher.vanish();
      await stage.untilForgotten(before);
      watcher.proxy.requests.length = 0;
      watcher.reappear();
      await waitFor('it to subscribe again', () => watcher.methods.includes('transaction'));
      await watcher.linksAreUp();
      const { pipeline } = await stage.room(maker);
      const { pipeline: next } = await stage.room(maker);
      await waitFor('the second', () => created.includes(next));
      expect(created).toEqual([pipeline, next]);
    });

    it('keeps nobody else’s objects alive by looking at them', async () => {
      const [{ inspector, server }, raw] = await Promise.all([stage.process(), stage.raw()]);
      const { value: pipeline } = await raw.call('create', { type: 'MediaPipeline' });
      expect(await inspector.tags({ server, object: pipeline })).toBeNull();
      await raw.drop();
      await stage.untilGone(pipeline);
    });

    it('keeps what it guards, also if it looks at it before it is tagged', async () => {
      const [{ inspector, server }, raw] = await Promise.all([stage.process(), stage.raw()]);
      const { value: pipeline } = await raw.call('create', { type: 'MediaPipeline' });
      await inspector.guard({ server, pipeline });
      expect(await inspector.tags({ server, object: pipeline })).toBeNull();
      await raw.drop();
      await stage.outlive(pipeline);
    });
  });
});
