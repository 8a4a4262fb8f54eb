import { beforeEach, describe, expect, it } from 'vitest';
import { dispatching } from '../testing/dispatching.js';

let at: ReturnType<typeof dispatching>;
let mediaPipeline: string;
let source: string;
let sink: string;

beforeEach(async () => {
  at = dispatching();
  mediaPipeline = await at.create('MediaPipeline');
  source = await at.create('WebRtcEndpoint', { mediaPipeline });
  sink = await at.create('WebRtcEndpoint', { mediaPipeline });
});

const received = () => [...at.plane.endpoint(sink).receives];
const connect = (from: string, to: string, params = {}) =>
  at.invoke(from, 'connect', { sink: to, ...params });

describe('connections', () => {
  it('carry one medium or all, and are listed at both ends', async () => {
    await connect(source, sink, { mediaType: 'VIDEO' });
    expect(received()).toEqual([`${source}>VIDEO`]);
    const connection = {
      __module__: 'kurento',
      __type__: 'ElementConnectionData',
      source,
      sink,
      type: 'VIDEO',
      sourceDescription: 'default',
      sinkDescription: 'default',
    };
    expect((await at.invoke(source, 'getSinkConnections')).result.value).toEqual([connection]);
    expect((await at.invoke(sink, 'getSourceConnections')).result.value).toEqual([connection]);
    expect((await at.invoke(sink, 'getSourceConnections', { mediaType: 'AUDIO' })).result.value).toEqual([]);
    expect((await connect(source, sink, { mediaType: 'SMELL' })).error?.code).toBe(40001);
  });

  it('a sink has one source: another one replaces it', async () => {
    const second = await at.create('WebRtcEndpoint', { mediaPipeline });
    await connect(source, sink);
    await connect(second, sink, { mediaType: 'VIDEO' });
    expect(received().sort()).toEqual([`${source}>AUDIO`, `${source}>DATA`, `${second}>VIDEO`].sort());
    // What is not connected is disconnected with success, and nothing else is.
    expect((await at.invoke(source, 'disconnect', { sink, mediaType: 'VIDEO' })).error).toBeUndefined();
    expect(received()).toContain(`${second}>VIDEO`);
  });

  it('need elements of one pipeline: 40004, 40101, 40001', async () => {
    const elsewhere = await at.create('WebRtcEndpoint', { mediaPipeline: await at.create('MediaPipeline') });
    expect((await connect(source, elsewhere)).error?.code).toBe(40004);
    expect((await connect(source, 'nothing')).error?.code).toBe(40101);
    expect((await connect(source, mediaPipeline)).error?.code).toBe(40001);
  });

  it('an endpoint may be connected to itself', async () => {
    await connect(sink, sink, { mediaType: 'AUDIO' });
    expect(received()).toEqual([`${sink}>AUDIO`]);
    await at.request('release', { object: sink });
    expect(received()).toEqual([]);
  });

  it('end when either end is released', async () => {
    await connect(source, sink);
    await at.request('release', { object: source });
    expect(received()).toEqual([]);
    expect((await at.invoke(sink, 'getSourceConnections')).result.value).toEqual([]);
  });
});

describe('a chain of elements that pass on', () => {
  it('is one connection between the endpoints at its ends, in whatever order it is made', async () => {
    const [one, two] = [
      await at.create('PassThrough', { mediaPipeline }),
      await at.create('PassThrough', { mediaPipeline }),
    ];
    await connect(two, sink, { mediaType: 'VIDEO' });
    await connect(one, two, { mediaType: 'VIDEO' });
    expect(received()).toEqual([]);
    await connect(source, one, { mediaType: 'VIDEO' });
    expect(received()).toEqual([`${source}>VIDEO`]);
    await at.request('release', { object: one });
    expect(received()).toEqual([]);
  });

  it('may be a circle', async () => {
    const [one, two] = [
      await at.create('PassThrough', { mediaPipeline }),
      await at.create('PassThrough', { mediaPipeline }),
    ];
    await connect(one, two);
    await connect(two, one);
    await connect(two, sink);
    expect(received()).toEqual([]);
  });
});
