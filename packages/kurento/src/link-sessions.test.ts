import { createLogger } from '@manycast/runtime';
import { describe, expect, it, vi } from 'vitest';
import { publishOrder } from './testing/broadcast.js';
import { failure, scriptedMedia, until } from './testing/scripted-media.js';
import { never, ScriptedError } from './testing/scripted-server.js';

describe('the session of a link', { timeout: 20_000 }, () => {
  const stage = scriptedMedia();

  it('is taken up again, and never uses a request id twice in it', async () => {
    await stage.open();
    await stage.media.publish(publishOrder(stage.server.url));
    stage.server.dropAll();
    await until('the server to be up again', () => stage.states.includes('up'));
    await stage.linksAreUp(3);
    await stage.media.publish(publishOrder(stage.server.url));
    expect(stage.states).toEqual(['down', 'up']);

    const resumed = stage.server.requestsOf('connect').filter(request => request.socket > 2);
    expect(resumed).toHaveLength(3);
    for (const { params, id } of resumed) {
      const before = stage.server.requests.filter(
        request => request.socket < 3 && request.params.sessionId === params.sessionId,
      );
      expect(before.length).toBeGreaterThan(0);
      expect(before.map(request => request.id)).not.toContain(id);
    }
    const used = stage.server.requests.map(({ id, params }) => `${params.sessionId} ${id}`);
    expect(new Set(used).size).toBe(used.length);
  });

  // The reply was lost with the socket: asked again under the same id, the server tells what it had made.
  it('that lost its link with a join under way learns what was made of it, and releases it', async () => {
    await stage.open();
    stage.server.scripts.set('transaction', () => never);
    const joining = failure(stage.media.publish(publishOrder(stage.server.url)));
    await until('the join to be under way', () => stage.server.requestsOf('transaction').length === 1);
    stage.server.scripts.clear();
    stage.server.dropAll();
    expect(await joining).toMatchObject({ code: 'media-unavailable' });
    await until('what it made to be released', () => stage.server.released.length === 1);
    const [first, again] = stage.server.requestsOf('transaction');
    expect(again).toEqual({ ...first, socket: again?.socket });
    expect(stage.server.released[0]).toMatch(/MediaPipeline$/);
  });

  it('that the server forgot is replaced by a new one, which subscribes again', async () => {
    await stage.open();
    const order = publishOrder(stage.server.url);
    const { endpoint } = await stage.media.publish(order);
    const forgotten = [...stage.server.sessions];
    stage.server.sessions.clear();
    stage.server.dropAll();
    await until('the subscriptions', () => stage.server.requestsOf('transaction').length === 2);
    const again = stage.server.requestsOf('transaction')[1];
    expect(again && stage.server.operationsOf(again)).toEqual(Array(6).fill('subscribe'));
    expect(forgotten).not.toContain(again?.params.sessionId);
    stage.server.sendEvent(again?.socket as number, endpoint, 'IceGatheringDone');
    await until('an event', () => order.events.length === 1);
    expect(stage.states).toEqual(['down', 'up']);
  });

  it('tells of an endpoint that did not outlive its session', async () => {
    await stage.open();
    const order = publishOrder(stage.server.url);
    await stage.media.publish(order);
    stage.server.scripts.set('subscribe', () => {
      throw new ScriptedError(40101);
    });
    stage.server.sessions.clear();
    stage.server.dropAll();
    await until('the event', () => order.events.length === 1);
    expect(order.events).toEqual([{ type: 'connection-state', state: 'disconnected' }]);
  });

  it('[R-KMS-3] with a restarted server is a new one: nothing is assumed to exist there', async () => {
    await stage.open();
    const order = publishOrder(stage.server.url);
    const { endpoint } = await stage.media.publish(order);
    const before = stage.server.serverId;
    await stage.server.restart();
    await until('the server to be up again', () => stage.states.includes('up'));
    await stage.linksAreUp(3);
    expect(stage.states).toEqual(['down', 'restarted', 'up']);
    expect((await stage.media.open(stage.server.url)).serverId).not.toBe(before);
    expect(stage.server.requestsOf('transaction')).toHaveLength(1);
    stage.server.sendEvent(3, endpoint, 'IceGatheringDone');
    await until('the event', async () => (await stage.metric('manycast_media_unknown_events_total')) === 1);
    expect(order.events).toEqual([]);
  });

  it('is given up when the retries of its link are, and another begins later', async () => {
    const log = createLogger({ name: 'test', level: 'silent' });
    const warn = vi.spyOn(log, 'warn');
    const losses = () =>
      warn.mock.calls.filter(([, message]) => message === 'link to media server lost').length;
    await stage.open({ log, timings: { retries: 3, reopenAfterMs: 300 } });
    const sockets = stage.server.sockets.length;
    await stage.server.stop();
    await until('all links to be lost', () => losses() === 3);
    await stage.server.listen();
    await stage.linksAreUp(3);
    expect(stage.states).toEqual(['down', 'up']);
    // Not the sessions of before: a lost link has given its own up.
    const resumed = stage.server.requestsOf('connect').filter(request => request.socket >= sockets);
    const old = stage.server.requestsOf('connect').filter(request => request.socket < sockets);
    expect(resumed.map(({ params }) => params.sessionId)).not.toContain(old[0]?.params.sessionId);
  });
});
