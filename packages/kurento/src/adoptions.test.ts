import type { EndpointEvent, EndpointRef, MediaEngine } from '@manycast/core';
import { asEndpointId, asPipelineId } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { publishOrder } from './testing/broadcast.js';
import { failure, scriptedMedia, until } from './testing/scripted-media.js';
import { held, never, type Request, ScriptedError } from './testing/scripted-server.js';

describe('an adoption', () => {
  const stage = scriptedMedia();
  const pipeline = asPipelineId('pipeline');
  const endpoint = asEndpointId('pipeline/endpoint');
  const ref = (): EndpointRef => ({ server: stage.server.url, endpoint });

  function adoption(given: Partial<Parameters<MediaEngine['adopt']>[0]> = {}) {
    const events: EndpointEvent[] = [];
    return {
      ...ref(),
      pipeline,
      onEvent: (event: EndpointEvent) => void events.push(event),
      ...given,
      events,
    };
  }
  const transactions = () => stage.server.requestsOf('transaction');
  const operations = () => transactions().map(request => stage.server.operationsOf(request));
  const subscribing = [...Array(6).fill('subscribe'), 'getConnectionState'];
  /** Which subscriptions a request ends. */
  const unsubscribed = (request: Request | undefined): string[] =>
    request?.params.operations.map(({ params }: Request) => params.subscription);
  /** Every subscription gets the next number. */
  function numberSubscriptions(): void {
    let count = 0;
    stage.server.scripts.set('subscribe', () => ({ value: `s${++count}` }));
  }
  const gathered = { type: 'gathering-done' };

  it('is one request, which ends with the state', async () => {
    await stage.open();
    stage.server.scripts.set('getConnectionState', () => ({ value: 'CONNECTED' }));
    const order = adoption();
    expect(await stage.media.adopt(order)).toEqual({ isConnected: true });
    expect(operations()).toEqual([subscribing]);
    stage.server.sendEvent(transactions()[0]?.socket as number, endpoint, 'IceGatheringDone');
    await until('the event', () => order.events.length === 1);
    expect(order.events).toEqual([gathered]);
  });

  it('tells of the state first, then of the events that overtook its answer, in order', async () => {
    await stage.open();
    const told: unknown[] = [];
    stage.server.scripts.set('getConnectionState', (_, { socket }) => {
      stage.server.sendEvent(socket, endpoint, 'ConnectionStateChanged', { newState: 'CONNECTED' });
      stage.server.sendEvent(socket, endpoint, 'IceGatheringDone');
      return { value: 'DISCONNECTED' };
    });
    told.push(await stage.media.adopt(adoption({ onEvent: event => told.push(event) })));
    stage.server.sendEvent(transactions()[0]?.socket as number, endpoint, 'ConnectionStateChanged', {
      newState: 'DISCONNECTED',
    });
    await until('all of it', () => told.length === 4);
    expect(told).toEqual([
      { isConnected: false },
      { type: 'connection-state', state: 'connected' },
      gathered,
      { type: 'connection-state', state: 'disconnected' },
    ]);
  });

  it('of what this process made, or adopted before, only changes who is told', async () => {
    await stage.open();
    const maker = publishOrder(stage.server.url);
    const made = await stage.media.publish(maker);
    const [first, second] = [adoption(made), adoption(made)];
    await stage.media.adopt(first);
    await stage.media.adopt(second);
    expect(operations().slice(1)).toEqual([['getConnectionState'], ['getConnectionState']]);
    stage.server.sendEvent(transactions()[0]?.socket as number, made.endpoint, 'IceGatheringDone');
    await until('the event', () => second.events.length === 1);
    expect([maker.events, first.events]).toEqual([[], []]);
  });

  it('begun twice at once subscribes once, and the later one is told', async () => {
    await stage.open();
    const [first, second] = [adoption(), adoption()];
    await Promise.all([stage.media.adopt(first), stage.media.adopt(second)]);
    expect(operations()).toEqual([subscribing, ['getConnectionState']]);
    stage.server.sendEvent(transactions()[0]?.socket as number, endpoint, 'IceGatheringDone');
    await until('the event', () => second.events.length === 1);
    expect(first.events).toEqual([]);
  });

  it('begun while another fails finds nothing of that one, and subscribes itself', async () => {
    await stage.open();
    const answer = held<void>();
    stage.server.scripts.set('getConnectionState', async () => {
      await answer.promise;
      throw new ScriptedError(40008);
    });
    const [first, second] = [failure(stage.media.adopt(adoption())), adoption()];
    await until('the first to be under way', () => transactions().length === 1);
    const adopting = stage.media.adopt(second);
    stage.server.scripts.delete('getConnectionState');
    answer.resolve();
    expect(await first).toMatchObject({ code: 'internal' });
    await adopting;
    expect(operations()).toContainEqual(Array(6).fill('unsubscribe'));
    expect(operations().filter(names => names[0] === 'subscribe')).toHaveLength(2);
    stage.server.sendEvent(transactions()[0]?.socket as number, endpoint, 'IceGatheringDone');
    await until('the event', () => second.events.length === 1);
  });

  it('of an endpoint that is gone leaves nothing behind, also of an earlier one', async () => {
    await stage.open();
    const former = adoption();
    await stage.media.adopt(former);
    const gone = () => {
      throw new ScriptedError(40101);
    };
    stage.server.scripts.set('getConnectionState', gone).set('subscribe', gone);
    expect(await failure(stage.media.adopt(adoption()))).toMatchObject({ code: 'media-gone' });
    expect(await failure(stage.media.adopt(adoption()))).toMatchObject({ code: 'media-gone' });
    // The second one found no subscription to build on, and there was nothing to take back.
    expect(operations().slice(1)).toEqual([['getConnectionState'], subscribing]);
    expect(transactions()).toHaveLength(3);
    stage.server.sendEvent(transactions()[0]?.socket as number, endpoint, 'IceGatheringDone');
    await until('the event', async () => (await stage.metric('manycast_media_unknown_events_total')) === 1);
    expect(former.events).toEqual([]);
  });

  it('that fails in the middle takes its subscriptions back and gives no reference back', async () => {
    await stage.open();
    numberSubscriptions();
    stage.server.scripts.set('getConnectionState', () => {
      throw new ScriptedError(40008);
    });
    expect(await failure(stage.media.adopt(adoption()))).toMatchObject({ code: 'internal' });
    await until('them to be taken back', () => transactions().length === 2);
    expect(operations()[1]).toEqual(Array(6).fill('unsubscribe'));
    expect(unsubscribed(transactions()[1])).toEqual(['s1', 's2', 's3', 's4', 's5', 's6']);
    expect(stage.server.released).toEqual([]);
  });

  it('again that is not answered leaves the events with who had them', async () => {
    await stage.open({ requestTimeoutMs: 100 });
    const [former, later] = [adoption(), adoption()];
    await stage.media.adopt(former);
    stage.server.scripts.set('getConnectionState', (_, { socket }) => {
      stage.server.sendEvent(socket, endpoint, 'IceGatheringDone');
      return never;
    });
    expect(await failure(stage.media.adopt(later))).toMatchObject({ code: 'media-unavailable' });
    stage.server.sendEvent(transactions()[0]?.socket as number, endpoint, 'IceGatheringDone');
    await until('both events', () => former.events.length === 2);
    expect(later.events).toEqual([]);
  });

  it('answered after its deadline is taken back', async () => {
    await stage.open({ requestTimeoutMs: 100 });
    numberSubscriptions();
    const answer = held<object>();
    stage.server.scripts.set('getConnectionState', () => answer.promise);
    expect(await failure(stage.media.adopt(adoption()))).toMatchObject({ code: 'media-unavailable' });
    answer.resolve({ value: 'CONNECTED' });
    await until('it to be taken back', () => transactions().length === 2);
    expect(unsubscribed(transactions()[1])).toEqual(['s1', 's2', 's3', 's4', 's5', 's6']);
  });

  it.each(['disowned', 'released'] as const)('of what is %s meanwhile delivers nothing', async end => {
    await stage.open();
    const answer = held<object>();
    stage.server.scripts.set('getConnectionState', (_, { socket }) => {
      stage.server.sendEvent(socket, endpoint, 'IceGatheringDone');
      return answer.promise;
    });
    const order = adoption();
    const adopting = stage.media.adopt(order);
    await until('it to be under way', () => transactions().length === 1);
    if (end === 'disowned') stage.media.disown(ref());
    else await stage.media.releaseEndpoint(ref());
    answer.resolve({ value: 'CONNECTED' });
    await adopting;
    await until('it to be taken back', () => operations().some(([first]) => first === 'unsubscribe'));
    stage.server.sendEvent(transactions()[0]?.socket as number, endpoint, 'IceGatheringDone');
    await until('the event', async () => (await stage.metric('manycast_media_unknown_events_total')) >= 1);
    expect(order.events).toEqual([]);
  });

  it('is renewed when its link has a new session, and can be disowned by what came of that', async () => {
    await stage.open();
    numberSubscriptions();
    const order = adoption();
    await stage.media.adopt(order);
    stage.server.sessions.clear();
    stage.server.dropAll();
    await until('the subscriptions', () => transactions().length === 2);
    expect(operations()[1]).toEqual(Array(6).fill('subscribe'));
    stage.server.sendEvent(transactions()[1]?.socket as number, endpoint, 'IceGatheringDone');
    await until('an event', () => order.events.length === 1);
    stage.media.disown(ref());
    await until('the last request', () => transactions().length === 3);
    expect(unsubscribed(transactions()[2])).toEqual(['s7', 's8', 's9', 's10', 's11', 's12']);
  });

  it('disowned is not renewed', async () => {
    await stage.open();
    const other = publishOrder(stage.server.url);
    await stage.media.adopt(adoption());
    await stage.media.publish(other);
    stage.media.disown(ref());
    await until('it to be disowned', () => transactions().length === 3);
    stage.server.sessions.clear();
    stage.server.dropAll();
    await until('the other’s subscriptions', () => transactions().length === 4);
    await stage.linksAreUp(3);
    await stage.media.gatherCandidates(ref());
    expect(transactions()).toHaveLength(4);
    expect(transactions()[3]?.params.operations[0].params.object).not.toBe(endpoint);
  });

  it('takes back what a join of this process subscribed to, in the session that did', async () => {
    await stage.open();
    numberSubscriptions();
    const { endpoint: made } = await stage.media.publish(publishOrder(stage.server.url));
    stage.media.disown({ ...ref(), endpoint: made });
    stage.media.disown({ ...ref(), endpoint: made });
    await until('it to be disowned', () => transactions().length === 2);
    const [join, end] = transactions();
    expect(end?.params.sessionId).toBe(join?.params.sessionId);
    expect(unsubscribed(end)).toEqual(['s1', 's2', 's3', 's4', 's5', 's6']);
  });
});
