import type { EndpointEvent } from '@manycast/core';
import type { EndpointId, PipelineId } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { neverWithin, waitFor } from '../../../test/support/wait-for.js';
import type { MediaProcess } from './testing/media-process.js';
import { isPeriodTooLong, OwnershipStage, periodMs } from './testing/ownership-stage.js';
import { failure } from './testing/scripted-media.js';

/** The embedded server, or any other with KMS_URL whose collection period is short. */
describe.skipIf(isPeriodTooLong)('what a killed process made', () => {
  const stage = new OwnershipStage();

  async function adopt(
    { media, server }: MediaProcess,
    { pipeline, endpoint }: { pipeline: PipelineId; endpoint: EndpointId },
  ) {
    const events: EndpointEvent[] = [];
    const { isConnected } = await media.adopt({
      server,
      pipeline,
      endpoint,
      onEvent: event => events.push(event),
    });
    return { isConnected, events };
  }

  it('is collected after one to two periods when nobody holds it', async () => {
    const maker = await stage.process();
    const { objects } = await stage.room(maker);
    const killedAtMs = performance.now();
    await maker.kill();
    await stage.untilGone(...objects);
    const tookMs = performance.now() - killedAtMs;
    expect(tookMs).toBeGreaterThan(0.9 * periodMs);
    expect(tookMs).toBeLessThan(3 * periodMs);
  });

  it('[R-OWN-2] outlives it while it is guarded, endpoints made after the guard too, and can be taken over', async () => {
    const [maker, guardian, adopter] = await Promise.all([stage.process(), stage.process(), stage.process()]);
    const presenter = await stage.join(maker, 'send');
    const { pipeline } = presenter;
    await guardian.inspector.guard({ server: guardian.server, pipeline });
    const viewer = await stage.join(maker, 'receive', presenter);
    await stage.connect(maker, presenter);
    await stage.connect(maker, viewer);
    presenter.peer.startSending();
    await viewer.peer.untilReceived(5);

    await maker.kill();
    await stage.outlive(pipeline, presenter.endpoint, viewer.endpoint);
    await viewer.peer.untilReceived(5);

    const [ofPresenter, ofViewer] = [await adopt(adopter, presenter), await adopt(adopter, viewer)];
    expect([ofPresenter.isConnected, ofViewer.isConnected]).toEqual([true, true]);
    presenter.peer.stopSending();
    await waitFor('the adopter to hear that media stopped', () =>
      ofPresenter.events.some(
        event => event.type === 'media-flow' && event.media === 'video' && !event.isFlowing,
      ),
    );
    const [candidate] = viewer.peer.candidates;
    const { server, media } = adopter;
    if (candidate) await media.addIceCandidate({ server, endpoint: viewer.endpoint }, candidate);
    expect(candidate).toBeDefined();

    await media.releaseEndpoint({ server, endpoint: viewer.endpoint });
    await stage.untilGone(viewer.endpoint);
    expect(stage.isGone(presenter.endpoint)).toBe(false);
    await media.releasePipeline({ server, pipeline });
    await stage.untilGone(pipeline, presenter.endpoint);
  });

  it('outlives it when it is guarded afterwards, as long as nothing is collected yet', async () => {
    const [maker, guardian] = await Promise.all([stage.process(), stage.process()]);
    const { pipeline, objects } = await stage.room(maker);
    await maker.kill();
    await guardian.inspector.guard({ server: guardian.server, pipeline });
    await stage.outlive(...objects);
    await guardian.kill();
    await stage.untilGone(...objects);
  });

  it('outlives it when every endpoint is adopted, and a join can be brought to its end by the adopter', async () => {
    const [maker, adopter] = await Promise.all([stage.process(), stage.process()]);
    const { presenter, viewer, objects } = await stage.room(maker);
    await maker.kill();
    const adopted = { ...presenter, ...(await adopt(adopter, presenter)) };
    await adopt(adopter, viewer);
    expect(adopted.isConnected).toBe(false);
    await stage.connect(adopter, adopted);
    await waitFor('the adopter to be told', () =>
      adopted.events.some(event => event.type === 'connection-state' && event.state === 'connected'),
    );
    expect((await adopt(adopter, presenter)).isConnected).toBe(true);
    await stage.outlive(...objects);
  });

  it('is collected though its pipeline is touched: a reference on a pipeline holds no endpoint that is there', async () => {
    const [maker, other] = await Promise.all([stage.process(), stage.process()]);
    const { pipeline, presenter, viewer } = await stage.room(maker);
    const endpoints = await other.inspector.endpoints({ server: other.server, pipeline });
    expect(new Set(endpoints)).toEqual(new Set([presenter.endpoint, viewer.endpoint]));
    await maker.kill();
    await stage.untilGone(...endpoints);
    expect(stage.isGone(pipeline)).toBe(false);
    expect(await other.inspector.endpoints({ server: other.server, pipeline })).toEqual([]);
    expect(await failure(adopt(other, presenter))).toMatchObject({ code: 'media-gone' });
  });

  it('is guarded again by a guardian whose own sessions were collected in the meantime', async () => {
    const [maker, guardian] = await Promise.all([stage.process(), stage.process()]);
    const { pipeline, presenter, viewer, objects } = await stage.room(maker);
    await guardian.inspector.guard({ server: guardian.server, pipeline });
    const before = guardian.proxy.sessions;
    expect(before.size).toBeGreaterThan(0);
    guardian.vanish();
    await stage.untilForgotten(before);

    guardian.proxy.requests.length = 0;
    guardian.reappear();
    await waitFor('every endpoint to be referred to again', () => {
      const operations = guardian.proxy.requests.flatMap(({ params }) => params?.operations ?? []);
      const referred = operations.filter(({ method }) => method === 'ref').map(({ params }) => params.object);
      return [presenter, viewer].every(({ endpoint }) => referred.includes(endpoint));
    });
    await guardian.linksAreUp();
    await maker.kill();
    await stage.outlive(...objects);
  });

  it('cannot be adopted once it is released', async () => {
    const [maker, adopter] = await Promise.all([stage.process(), stage.process()]);
    const { viewer } = await stage.room(maker);
    await maker.media.releaseEndpoint({ server: maker.server, endpoint: viewer.endpoint });
    expect(await failure(adopt(adopter, viewer))).toMatchObject({
      code: 'media-gone',
      cause: { name: 'KurentoError', code: 40101 },
    });
  });

  it('is not hurt by an adopter that gives it away: it lives on, and its events are nobody’s', async () => {
    const [maker, adopter] = await Promise.all([stage.process(), stage.process()]);
    const { presenter, viewer, objects } = await stage.room(maker);
    const ofPresenter = await adopt(adopter, presenter);
    await adopt(adopter, viewer);
    adopter.media.disown({ server: adopter.server, endpoint: presenter.endpoint });
    await stage.connect(maker, presenter);
    await waitFor('its maker to be told', () =>
      presenter.events.some(event => event.type === 'connection-state' && event.state === 'connected'),
    );
    await maker.kill();
    await stage.outlive(...objects);
    expect(ofPresenter.events).toEqual([]);
    expect(await adopter.metric('manycast_media_unknown_events_total')).toBe(0);
  });

  it('answers the process that follows with answers of its own, though their request ids are the same', async () => {
    const maker = await stage.process();
    const first = await stage.room(maker);
    const asked = [...maker.proxy.requests];
    await maker.kill();
    const successor = await stage.process();
    const second = await stage.room(successor);

    const idsOf = (requests: { id: number }[]) => new Set(requests.map(({ id }) => id));
    const ids = idsOf(successor.proxy.requests);
    expect([...idsOf(asked)].filter(id => ids.has(id))).not.toEqual([]);
    expect(second.objects.filter(object => first.objects.includes(object))).toEqual([]);
    const sessions = successor.proxy.sessions;
    expect(asked.filter(({ params }) => sessions.has(params.sessionId))).toEqual([]);
  });

  it('is adopted in one request, adopted again in one that subscribes to nothing, and disowned in one', async () => {
    const [maker, adopter] = await Promise.all([stage.process(), stage.process()]);
    const { presenter } = await stage.room(maker);
    const operations = () =>
      adopter.proxy.requests.map(({ params }) =>
        params.operations.map(({ method }: { method: string }) => method),
      );
    await adopt(adopter, presenter);
    expect(operations()).toEqual([[...Array(6).fill('subscribe'), 'invoke']]);
    await adopt(adopter, presenter);
    expect(operations().slice(1)).toEqual([['invoke']]);
    adopter.media.disown({ server: adopter.server, endpoint: presenter.endpoint });
    await waitFor('the last request', () => adopter.proxy.requests.length === 3);
    expect(operations().slice(2)).toEqual([Array(6).fill('unsubscribe')]);

    // The same for what this process made itself.
    maker.proxy.requests.length = 0;
    const { events } = await adopt(maker, presenter);
    expect(maker.methods).toEqual(['transaction']);
    expect(maker.proxy.requests[0]?.params.operations).toHaveLength(1);
    await stage.connect(maker, { ...presenter, events });
    expect(presenter.events).toEqual([]);
  });

  it('is guarded in a handful of requests, 1,000 endpoints and all', async () => {
    const [maker, guardian] = await Promise.all([stage.raw(), stage.process()]);
    const { value: pipeline } = await maker.call('create', { type: 'MediaPipeline' });
    const params = { type: 'PassThrough', constructorParams: { mediaPipeline: pipeline } };
    const { value: made } = await maker.call('transaction', {
      operations: Array.from({ length: 1_000 }, (_, id) => ({
        jsonrpc: '2.0',
        id,
        method: 'create',
        params,
      })),
    });
    const children: string[] = made.map(({ result }: { result: { value: string } }) => result.value);
    await guardian.inspector.guard({ server: guardian.server, pipeline });
    // The events of the server's objects, the children, and four times 250 references.
    expect(guardian.methods).toEqual(['transaction', 'invoke', ...Array(4).fill('transaction')]);
    await maker.drop();
    await neverWithin('a child was collected', 3.5 * periodMs, () => children.find(id => stage.isGone(id)));
    await guardian.media.releasePipeline({ server: guardian.server, pipeline });
    await stage.untilGone(pipeline, ...children);
  });
});
