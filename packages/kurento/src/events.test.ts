import { asEndpointId, asPipelineId } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { publishOrder } from './testing/broadcast.js';
import { scriptedMedia, until } from './testing/scripted-media.js';

describe('an event', () => {
  const stage = scriptedMedia();
  const unknown = (kind: string) => stage.metric('manycast_media_unknown_events_total', { kind });

  it('reaches the one who made the endpoint', async () => {
    await stage.open();
    const [one, other] = [publishOrder(stage.server.url), publishOrder(stage.server.url)];
    const { endpoint } = await stage.media.publish(one);
    await stage.media.publish(other);
    const socket = stage.server.requestsOf('transaction')[0]?.socket as number;
    stage.server.sendEvent(socket, endpoint, 'ConnectionStateChanged', { newState: 'CONNECTED' });
    await until('the event', () => one.events.length === 1);
    expect(one.events).toEqual([{ type: 'connection-state', state: 'connected' }]);
    expect(other.events).toEqual([]);
  });

  it('that comes right behind the answer of its join is not lost', async () => {
    await stage.open();
    const [join, order] = [asEndpointId('p/early'), publishOrder(stage.server.url)];
    stage.server.scripts.set('create', () => ({ value: join }));
    stage.server.scripts.set('connect', (params, { socket }) => {
      if (!params.object) return { serverId: stage.server.serverId };
      // Both frames leave in one write: the socket is corked until the reply was sent.
      const { _socket: tcp } = stage.server.sockets[socket] as unknown as {
        _socket: import('node:net').Socket;
      };
      tcp.cork();
      setImmediate(() => {
        stage.server.sendEvent(socket, join, 'IceGatheringDone');
        tcp.uncork();
      });
      return {};
    });
    await stage.media.view({ ...order, pipeline: asPipelineId('p'), source: asEndpointId('p/source') });
    await until('the event', () => order.events.length === 1);
  });

  // kurento-client warns on the console, which every test of this file forbids.
  it('for an object that nobody listens to is counted and nothing else', async () => {
    await stage.open();
    stage.server.sendEvent(0, 'somebody-elses', 'IceGatheringDone');
    await until('it to be counted', async () => (await unknown('event')) === 1);
  });

  it('whose listener throws harms nobody', async () => {
    await stage.open();
    const order = publishOrder(stage.server.url);
    let calls = 0;
    const { endpoint } = await stage.media.publish({
      ...order,
      onEvent: () => {
        calls++;
        throw new Error('a bug of the listener');
      },
    });
    const socket = stage.server.requestsOf('transaction')[0]?.socket as number;
    stage.server.sendEvent(socket, endpoint, 'IceGatheringDone');
    stage.server.sendEvent(socket, endpoint, 'IceGatheringDone');
    await until('both events', () => calls === 2);
    expect(stage.media.isUp(stage.server.url)).toBe(true);
  });

  it.each([
    ['no JSON', '{"jsonrpc":'],
    ['no message', '[]'],
    ['nothing', 'null'],
    ['an answer nobody waits for', '{"jsonrpc":"2.0","id":4711,"result":{}}'],
    ['an answer of another version', '{"id":0,"result":{}}'],
  ])('that is %s is counted and breaks nothing', async (_, frame) => {
    await stage.open();
    stage.server.send(0, frame);
    await until('it to be counted', async () => (await unknown('stray')) === 1);
    await stage.media.publish(publishOrder(stage.server.url));
  });

  it('that is a request to us, or of no known shape, is counted and breaks nothing', async () => {
    await stage.open();
    stage.server.send(0, { jsonrpc: '2.0', id: 1, method: 'ping', params: {} });
    stage.server.send(0, { jsonrpc: '2.0', method: 'onEvent' });
    await until('both to be counted', async () => (await unknown('event')) === 2);
    await stage.media.publish(publishOrder(stage.server.url));
  });

  it('an answer without a result fails its request and nothing else', async () => {
    await stage.open({ linksPerServer: 1 });
    const order = publishOrder(stage.server.url);
    stage.server.scripts.set('transaction', (_, { socket, id }) => {
      stage.server.send(socket, { jsonrpc: '2.0', id, result: null });
      return new Promise(() => {});
    });
    await expect(stage.media.publish(order)).rejects.toMatchObject({ code: 'internal' });
    stage.server.scripts.clear();
    await stage.media.publish(order);
  });
});
