import { asEndpointId, asPipelineId } from '@manycast/protocol';
import { createLogger } from '@manycast/runtime';
import { describe, expect, it } from 'vitest';
import { createKurentoMedia } from './index.js';
import { publishOrder } from './testing/broadcast.js';
import { failure, scriptedMedia, until } from './testing/scripted-media.js';
import { held, never, ScriptedError } from './testing/scripted-server.js';

describe('a join', () => {
  const stage = scriptedMedia();
  const viewOrder = () => ({
    ...publishOrder(stage.server.url),
    pipeline: asPipelineId('pipeline'),
    source: asEndpointId('pipeline/source'),
  });

  it('of a presenter is one request', async () => {
    await stage.open();
    const before = stage.server.requests.length;
    const { pipeline, endpoint, sdpAnswer } = await stage.media.publish(publishOrder(stage.server.url));
    expect(pipeline).toMatch(/MediaPipeline$/);
    expect(endpoint).toMatch(/WebRtcEndpoint$/);
    expect(sdpAnswer).toContain('s=answer');
    const sent = stage.server.requests.slice(before);
    expect(sent.map(({ method }) => method)).toEqual(['transaction']);
  });

  it('of a viewer is one request, negotiated before it is connected', async () => {
    await stage.open();
    const before = stage.server.requests.length;
    await stage.media.view(viewOrder());
    const [request, ...others] = stage.server.requests.slice(before);
    expect(others).toEqual([]);
    const tags = Array(6).fill('addTag');
    const subscriptions = Array(6).fill('subscribe');
    expect(request && stage.server.operationsOf(request)).toEqual([
      'create',
      ...tags,
      ...subscriptions,
      'processOffer',
      'connect',
    ]);
    expect(request?.params.operations.at(-1).params).toMatchObject({
      object: 'pipeline/source',
      operationParams: { sink: 'newref:0' },
    });
  });

  it('tags what it makes, for whoever has to rebuild the truth from the media server', async () => {
    await stage.open();
    const order = publishOrder(stage.server.url, { generation: 7 });
    await stage.media.publish(order);
    const tags = stage.server
      .requestsOf('transaction')[0]
      ?.params.operations.filter(
        (operation: { params: { operation: string } }) => operation.params.operation === 'addTag',
      )
      .map((operation: { params: { object: string; operationParams: object } }) => [
        operation.params.object,
        ...Object.values(operation.params.operationParams),
      ]);
    expect(tags).toEqual([
      ['newref:0', 'manycast', '1'],
      ['newref:0', 'room', 'lobby'],
      ['newref:0', 'session', order.session],
      ['newref:0', 'generation', '7'],
      ['newref:0', 'role', 'pipeline'],
      ['newref:0', 'speech', 'tutorial'],
      ['newref:7', 'manycast', '1'],
      ['newref:7', 'room', 'lobby'],
      ['newref:7', 'session', order.session],
      ['newref:7', 'generation', '7'],
      ['newref:7', 'role', 'presenter'],
      ['newref:7', 'speech', 'tutorial'],
    ]);
  });

  // kurento-client's promises resolve undefined on an error, and its transactions report none of their own.
  it('that fails in the middle rejects with the code of Kurento and releases what it had made', async () => {
    await stage.open();
    stage.server.scripts.set('processOffer', () => {
      throw new ScriptedError(40201);
    });
    expect(await failure(stage.media.publish(publishOrder(stage.server.url)))).toMatchObject({
      code: 'bad-sdp',
      cause: { name: 'KurentoError', code: 40201 },
    });
    expect(stage.server.released).toEqual([expect.stringMatching(/MediaPipeline$/)]);
    expect(await failure(stage.media.view(viewOrder()))).toMatchObject({ code: 'bad-sdp' });
    expect(stage.server.released[1]).toMatch(/WebRtcEndpoint$/);
  });

  it('that fails at its first operation has nothing to release', async () => {
    await stage.open();
    stage.server.scripts.set('create', () => {
      throw new ScriptedError(40009);
    });
    expect(await failure(stage.media.publish(publishOrder(stage.server.url)))).toMatchObject({
      code: 'media-full',
    });
    expect(stage.server.released).toEqual([]);
  });

  it('into a room whose source is gone releases the endpoint it had made', async () => {
    await stage.open();
    stage.server.scripts.set('connect', ({ object }) => {
      if (object) throw new ScriptedError(40101);
      return { serverId: stage.server.serverId };
    });
    expect(await failure(stage.media.view(viewOrder()))).toMatchObject({ code: 'media-gone' });
    expect(stage.server.released).toEqual([expect.stringMatching(/WebRtcEndpoint$/)]);
  });

  // In kurento-client this is an `error` event without a listener, which ends the process.
  it('whose subscription is refused is a failed join and no more', async () => {
    await stage.open();
    stage.server.scripts.set('subscribe', () => {
      throw new ScriptedError(40106);
    });
    expect(await failure(stage.media.publish(publishOrder(stage.server.url)))).toMatchObject({
      code: 'internal',
      cause: { code: 40106 },
    });
    expect(stage.server.released).toHaveLength(1);
    stage.server.scripts.clear();
    await stage.media.publish(publishOrder(stage.server.url));
  });

  it('answered after its deadline has failed by then, and what the late answer made is released', async () => {
    await stage.open({ requestTimeoutMs: 100 });
    const answer = held<object>();
    stage.server.scripts.set('processOffer', () => answer.promise);
    const error = await failure(stage.media.publish(publishOrder(stage.server.url)));
    expect(error).toMatchObject({ code: 'media-unavailable', message: expect.stringContaining('100 ms') });
    expect(stage.server.released).toEqual([]);
    answer.resolve({ value: 'v=0' });
    await until('the late pipeline to be released', () => stage.server.released.length === 1);
    expect(stage.server.released[0]).toMatch(/MediaPipeline$/);
  });

  it('given up while the server works on it fails at once, and what it makes is released', async () => {
    await stage.open();
    const answer = held<object>();
    stage.server.scripts.set('processOffer', () => answer.promise);
    const attempt = new AbortController();
    const joining = failure(stage.media.view({ ...viewOrder(), signal: attempt.signal }));
    await until('the join to be under way', () => stage.server.requestsOf('transaction').length === 1);
    attempt.abort();
    expect(await joining).toMatchObject({ code: 'media-gone' });
    answer.resolve({ value: 'v=0' });
    await until('the late endpoint to be released', () => stage.server.released.length === 1);
  });

  it('given up before it began asks the server for nothing', async () => {
    await stage.open();
    const signal = AbortSignal.abort();
    expect(await failure(stage.media.publish(publishOrder(stage.server.url, { signal })))).toMatchObject({
      code: 'media-gone',
    });
    expect(stage.server.requestsOf('transaction')).toEqual([]);
  });

  // Kurento replaces every string of that form; a wrong one breaks off a transaction without telling what it made.
  it('with an offer that a transaction would take for a reference never reaches the server', async () => {
    await stage.open();
    const order = publishOrder(stage.server.url, { sdpOffer: 'newref:99999999999999999999' });
    expect(await failure(stage.media.publish(order))).toMatchObject({ code: 'bad-sdp' });
    expect(stage.server.requestsOf('transaction')).toEqual([]);
  });

  it('waits for the first connection to a server, but not for one that went down', async () => {
    await stage.open();
    await stage.media.close();
    await stage.server.stop();
    await stage.server.listen();
    stage.media = createKurentoMedia({ log: createLogger({ name: 'test', level: 'silent' }) });
    await stage.media.publish(publishOrder(stage.server.url));
    await stage.server.stop();
    await until('the server to be seen down', () => !stage.media.isUp(stage.server.url));
    const startedAt = performance.now();
    expect(await failure(stage.media.publish(publishOrder(stage.server.url)))).toMatchObject({
      code: 'media-unavailable',
    });
    // Waiting would take as long as a first connection is given.
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('is counted and timed, by operation and outcome', async () => {
    await stage.open();
    await stage.media.publish(publishOrder(stage.server.url));
    stage.server.scripts.set('processOffer', () => {
      throw new ScriptedError(40201);
    });
    await failure(stage.media.publish(publishOrder(stage.server.url)));
    const requests = (labels: Record<string, string>) =>
      stage.metric('manycast_media_requests_total', labels);
    expect(await requests({ operation: 'publish', outcome: 'ok' })).toBe(1);
    expect(await requests({ operation: 'publish', outcome: 'bad-sdp' })).toBe(1);
    expect(await stage.registry.metrics()).toContain(
      'manycast_media_request_duration_seconds_count{operation="publish"} 2',
    );
  });

  it('beyond what the server answers in time is turned away, and told when to try again', async () => {
    await stage.open({ requestTimeoutMs: 1_000 });
    stage.server.scripts.set('transaction', () => never);
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, () => failure(stage.media.publish(publishOrder(stage.server.url)))),
    );
    const of = (code: string) => outcomes.filter(outcome => outcome.code === code);
    expect(of('media-unavailable')).toHaveLength(stage.server.requestsOf('transaction').length);
    expect(of('overloaded').length).toBeGreaterThan(50);
    expect(of('media-unavailable').length + of('overloaded').length).toBe(200);
    for (const refusal of of('overloaded'))
      expect(refusal).toMatchObject({ retryAfterMs: expect.any(Number) });
    // All that were begun together have lowered the bound once.
    expect(await stage.metric('manycast_media_joins_limit')).toBe(102);
    expect(await stage.metric('manycast_media_joins_under_way')).toBe(0);
    expect(await stage.metric('manycast_media_joins_waiting')).toBe(0);
  });

  it('waits for who takes over what plays, and a viewer for a presenter', async () => {
    await stage.open({ linksPerServer: 1 });
    const replies = held<{ value: string }>();
    stage.server.scripts.set('processOffer', () => replies.promise);
    const { url } = stage.server;
    const first = Array.from({ length: 128 }, () => stage.media.publish(publishOrder(url)));
    await until('the first request', () => stage.server.requestsOf('transaction').length > 0);
    const viewer = stage.media.view(viewOrder());
    const presenter = stage.media.publish(publishOrder(url, { generation: 7 }));
    const order = { server: url, pipeline: asPipelineId('pipeline'), endpoint: asEndpointId('pipeline/e') };
    const adoption = stage.media.adopt({ ...order, onEvent: () => {} });
    replies.resolve({ value: 's=answer' });
    await Promise.all([...first, viewer, presenter, adoption]);
    const last = stage.server.requestsOf('transaction').slice(128);
    const firstOf = (request: (typeof last)[number]) => request.params.operations[0];
    expect(last.map(request => [firstOf(request).method, firstOf(request).params.type])).toEqual([
      ['subscribe', 'IceCandidateFound'],
      ['create', 'MediaPipeline'],
      ['create', 'WebRtcEndpoint'],
    ]);
  });

  it('is not begun when it is given up while it waits for its turn', async () => {
    await stage.open({ linksPerServer: 1 });
    const replies = held<{ value: string }>();
    stage.server.scripts.set('processOffer', () => replies.promise);
    const { url } = stage.server;
    const first = Array.from({ length: 128 }, () => stage.media.publish(publishOrder(url)));
    const giveUp = new AbortController();
    const waiting = failure(stage.media.publish(publishOrder(url, { signal: giveUp.signal })));
    await until('it to wait', async () => (await stage.metric('manycast_media_joins_waiting')) === 1);
    giveUp.abort();
    expect(await waiting).toMatchObject({ code: 'media-gone' });
    replies.resolve({ value: 's=answer' });
    await Promise.all(first);
    expect(stage.server.requestsOf('transaction')).toHaveLength(128);
  });
});
