import { type EndpointId, type IceCandidate, RoomName } from '@manycast/protocol';
import { createLogger, createRegistry } from '@manycast/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedMedia, startEmbeddedMedia } from '../../../test/support/embedded-media.js';
import { kmsUrl } from '../../../test/support/environment.js';
import { KurentoSocket } from '../../../test/support/kurento-rpc.js';
import { waitFor } from '../../../test/support/wait-for.js';
import { stopWebRtc, WebRtcPeer } from '../../../test/support/webrtc-peer.js';
import { createKurentoMedia, type KurentoMedia } from './index.js';
import { publishOrder } from './testing/broadcast.js';
import { CountingProxy } from './testing/counting-proxy.js';
import { forbidConsole } from './testing/quiet-console.js';
import { failure } from './testing/scripted-media.js';

/** The embedded server, or any other with KMS_URL. */
describe('the media engine on a media server', () => {
  let embedded: EmbeddedMedia | undefined;
  let proxy: CountingProxy;
  let media: KurentoMedia;
  let raw: KurentoSocket;
  const peers: WebRtcPeer[] = [];
  const log = createLogger({ name: 'test', level: 'silent' });

  forbidConsole();
  beforeAll(async () => {
    embedded = kmsUrl ? undefined : await startEmbeddedMedia();
  });
  beforeEach(async () => {
    const target = kmsUrl ?? (embedded?.url as string);
    proxy = await CountingProxy.start(target);
    raw = await KurentoSocket.open(target);
    media = createKurentoMedia({ log, registry: createRegistry() });
    await media.open(proxy.url, { timeoutMs: 10_000 });
    await waitFor(
      'every link to have its session',
      () => methods().filter(name => name === 'invoke').length === 5,
    );
    proxy.requests.length = 0;
  });
  afterEach(async () => {
    for (const peer of peers.splice(0)) peer.close();
    await media.close();
    await raw.close();
    await proxy.stop();
  });
  afterAll(async () => {
    stopWebRtc();
    await embedded?.stop();
  });

  const methods = () => proxy.requests.map(({ method }) => method);
  const pipelines = async () =>
    (await raw.call('invoke', { object: 'manager_ServerManager', operation: 'getPipelines' })).value;
  const exists = async (object: string) => !(await raw.request('describe', { object })).error;

  /** A peer and the order that goes with it; the endpoint's candidates reach it as they come. */
  async function participant(direction: 'send' | 'receive') {
    const peer = new WebRtcPeer(direction);
    peers.push(peer);
    const early: IceCandidate[] = [];
    const add = ({ candidate, sdpMid }: IceCandidate) =>
      peer.addCandidate({ candidate, sdpMid: sdpMid ?? '', sdpMLineIndex: 0 });
    const state = { isAnswered: false };
    const order = publishOrder(proxy.url, { sdpOffer: await peer.offer() });
    const { onEvent } = order;
    order.onEvent = event => {
      onEvent(event);
      if (event.type !== 'candidate-found') return;
      if (state.isAnswered) add(event.candidate);
      else early.push(event.candidate);
    };
    const accept = async (endpoint: EndpointId, sdpAnswer: string) => {
      peer.acceptAnswer(sdpAnswer);
      state.isAnswered = true;
      early.forEach(add);
      const ref = { server: proxy.url, endpoint };
      await media.gatherCandidates(ref);
      peer.onCandidate = candidate => void media.addIceCandidate(ref, candidate);
      await Promise.all(peer.candidates.map(candidate => media.addIceCandidate(ref, candidate)));
      await peer.untilConnected();
    };
    return { peer, order, accept };
  }

  it('broadcasts from a presenter to a viewer: one request each for the answer', async () => {
    const presenter = await participant('send');
    const published = await media.publish(presenter.order);
    expect(methods()).toEqual(['transaction']);
    await presenter.accept(published.endpoint, published.sdpAnswer);
    presenter.peer.startSending();

    const viewer = await participant('receive');
    proxy.requests.length = 0;
    const viewed = await media.view({
      ...viewer.order,
      pipeline: published.pipeline,
      source: published.endpoint,
    });
    expect(methods()).toEqual(['transaction']);
    await viewer.accept(viewed.endpoint, viewed.sdpAnswer);
    await viewer.peer.untilReceived(20);

    const types = (events: { type: string }[]) => new Set(events.map(({ type }) => type));
    await waitFor('the viewer to be told', () => types(viewer.order.events).has('media-flow'));
    expect([...types(viewer.order.events)]).toEqual(
      expect.arrayContaining(['candidate-found', 'gathering-done', 'connection-state', 'media-flow']),
    );
    expect(viewer.order.events).toContainEqual({ type: 'connection-state', state: 'connected' });
    expect(presenter.order.events).toContainEqual({
      type: 'media-flow',
      direction: 'out',
      media: 'video',
      isFlowing: true,
    });

    await media.releaseEndpoint({ server: proxy.url, endpoint: viewed.endpoint });
    expect(await exists(viewed.endpoint)).toBe(false);
    expect(await exists(published.endpoint)).toBe(true);
    await media.releasePipeline({ server: proxy.url, pipeline: published.pipeline });
    expect(await exists(published.endpoint)).toBe(false);
    await media.releasePipeline({ server: proxy.url, pipeline: published.pipeline });
  });

  it('tags pipeline and endpoint', async () => {
    const { order } = await participant('send');
    const { pipeline, endpoint } = await media.publish({
      ...order,
      room: RoomName.parse('tagged'),
      generation: 3,
    });
    const tagsOf = async (object: string) => {
      const { value } = await raw.call('invoke', { object, operation: 'getTags' });
      return Object.fromEntries(value.map(({ key, value }: { key: string; value: string }) => [key, value]));
    };
    const tags = {
      manycast: '1',
      room: 'tagged',
      session: order.session,
      generation: '3',
      speech: 'tutorial',
    };
    expect(await tagsOf(pipeline)).toEqual({ ...tags, role: 'pipeline' });
    expect(await tagsOf(endpoint)).toEqual({ ...tags, role: 'presenter' });
    await media.releasePipeline({ server: proxy.url, pipeline });
  });

  it('refuses an offer it cannot read, with the code of the server, and leaves nothing behind', async () => {
    const before = await pipelines();
    const error = await failure(media.publish(publishOrder(proxy.url, { sdpOffer: 'garbage' })));
    expect(error).toMatchObject({ code: 'bad-sdp', cause: { name: 'KurentoError', code: 40201 } });
    expect(await pipelines()).toEqual(before);
  });

  it('refuses a viewer of a broadcast that is over', async () => {
    const { order } = await participant('send');
    const { pipeline, endpoint } = await media.publish(order);
    await media.releasePipeline({ server: proxy.url, pipeline });
    const viewer = await participant('receive');
    const error = await failure(media.view({ ...viewer.order, pipeline, source: endpoint }));
    expect(error).toMatchObject({ code: 'media-gone', cause: { code: 40101 } });
    expect(await failure(media.gatherCandidates({ server: proxy.url, endpoint }))).toMatchObject({
      code: 'media-gone',
    });
  });

  it('refuses a viewer whose source is gone, and releases the endpoint it had made', async () => {
    const { order } = await participant('send');
    const { pipeline, endpoint } = await media.publish(order);
    await media.releaseEndpoint({ server: proxy.url, endpoint });
    const viewer = await participant('receive');
    const error = await failure(media.view({ ...viewer.order, pipeline, source: endpoint }));
    expect(error).toMatchObject({ code: 'media-gone', cause: { code: 40101 } });
    const { value } = await raw.call('invoke', { object: pipeline, operation: 'getChildren' });
    expect(value).toEqual([]);
    await media.releasePipeline({ server: proxy.url, pipeline });
  });

  it('keeps media, session and events over a cut of all its links', async () => {
    const presenter = await participant('send');
    const { pipeline, endpoint, sdpAnswer } = await media.publish(presenter.order);
    const states: string[] = [];
    media.onLink(({ state }) => states.push(state));
    proxy.cut();
    await waitFor('the links to be back', () => states.includes('up'));
    expect(states).toEqual(['down', 'up']);
    await presenter.accept(endpoint, sdpAnswer);
    expect(presenter.order.events).toContainEqual({ type: 'connection-state', state: 'connected' });
    await media.releasePipeline({ server: proxy.url, pipeline });
  });

  it('learns what a join made whose answer was lost with the link, and releases it', async () => {
    const { order } = await participant('send');
    const before = (await pipelines()).length;
    proxy.losesAnswers = true;
    const joining = failure(media.publish(order));
    await waitFor('the server to have made it', async () => (await pipelines()).length === before + 1);
    proxy.cut();
    proxy.losesAnswers = false;
    expect(await joining).toMatchObject({ code: 'media-unavailable' });
    await waitFor('nothing of it to be left', async () => (await pipelines()).length === before);
    expect(methods().filter(method => method === 'transaction')).toHaveLength(3);
  });
});
