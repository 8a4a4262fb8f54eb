import { asEndpointId, asPipelineId } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { publishOrder } from './testing/broadcast.js';
import { failure, scriptedMedia, until } from './testing/scripted-media.js';
import { held, ScriptedError } from './testing/scripted-server.js';

describe('a release', () => {
  const stage = scriptedMedia();
  const release = (endpoint: string) =>
    stage.media.releaseEndpoint({ server: stage.server.url, endpoint: asEndpointId(endpoint) });

  // kurento-client holds back every call of a client until its `release` is answered.
  it('that takes long holds back neither a join nor the next release', async () => {
    await stage.open();
    const slow = held<object>();
    stage.server.scripts.set('release', ({ object }) => {
      stage.server.released.push(object);
      return object === 'slow' ? slow.promise : {};
    });
    const releasing = release('slow');
    await until('the slow release to be under way', () => stage.server.released.includes('slow'));
    await stage.media.publish(publishOrder(stage.server.url));
    await release('next');
    expect(stage.server.released).toEqual(['slow', 'next']);
    slow.resolve({});
    await releasing;
  });

  it('goes over a link of its own', async () => {
    await stage.open();
    await stage.media.publish(publishOrder(stage.server.url));
    await release('endpoint');
    const sockets = stage.server.requestsOf('transaction').map(request => request.socket);
    expect(sockets[1]).not.toBe(sockets[0]);
    expect(new Set([sockets[1], 0, 1])).toHaveProperty('size', 3);
  });

  it('of what is gone already is a success', async () => {
    await stage.open();
    stage.server.scripts.set('release', () => {
      throw new ScriptedError(40101);
    });
    await release('gone');
    await release('gone');
  });

  it('that fails rejects with the code of Kurento', async () => {
    await stage.open();
    stage.server.scripts.set('release', () => {
      throw new ScriptedError(40003);
    });
    expect(await failure(release('stuck'))).toMatchObject({ code: 'internal', cause: { code: 40003 } });
  });

  it('stops the events of the object at once, of a pipeline those of its endpoints', async () => {
    await stage.open();
    const order = publishOrder(stage.server.url);
    const { pipeline, endpoint } = await stage.media.publish(order);
    const { socket } = stage.server.requestsOf('transaction')[0] as { socket: number };
    stage.server.sendEvent(socket, endpoint, 'IceGatheringDone');
    await until('the first event', () => order.events.length === 1);
    const releasing = stage.media.releasePipeline({ server: stage.server.url, pipeline });
    stage.server.sendEvent(socket, endpoint, 'IceGatheringDone');
    await releasing;
    await until(
      'the late event',
      async () => (await stage.metric('manycast_media_unknown_events_total')) === 1,
    );
    expect(order.events).toHaveLength(1);
  });

  it('that the server could not hear of fails, and is made up for when a link is back', async () => {
    await stage.open();
    await stage.server.stop();
    await until('the server to be seen down', () => !stage.media.isUp(stage.server.url));
    expect(await failure(release('owed'))).toMatchObject({ code: 'media-unavailable' });
    const pipeline = asPipelineId('owed-too');
    expect(await failure(stage.media.releasePipeline({ server: stage.server.url, pipeline }))).toMatchObject({
      code: 'media-unavailable',
    });
    await stage.server.listen();
    await until('both to be released', () => stage.server.released.length === 2);
    expect(stage.server.released).toEqual(['owed', 'owed-too']);
  });

  it('is owed to nobody once the server has restarted', async () => {
    await stage.open();
    await stage.server.stop();
    await until('the server to be seen down', () => !stage.media.isUp(stage.server.url));
    await failure(release('of-the-old-server'));
    await stage.server.restart();
    await stage.linksAreUp(3);
    await release('of-the-new-server');
    expect(stage.server.released).toEqual(['of-the-new-server']);
  });
});
