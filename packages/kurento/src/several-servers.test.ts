import { asEndpointId, type MediaServerUrl } from '@manycast/protocol';
import { createLogger } from '@manycast/runtime';
import { describe, expect, it } from 'vitest';
import { createKurentoMedia } from './index.js';
import { publishOrder } from './testing/broadcast.js';
import { failure, scriptedMedia, until } from './testing/scripted-media.js';
import { never, ScriptedServer } from './testing/scripted-server.js';

describe('several servers', { timeout: 20_000 }, () => {
  const stage = scriptedMedia();

  // The first of its file: a timer that an earlier test left would count as having been there before.
  it('leave no timer and no socket behind when they are closed', async () => {
    const living = () =>
      process.getActiveResourcesInfo().filter(name => name === 'Timeout' || name === 'TCPSocketWrap');
    const other = await ScriptedServer.start();
    await until('the runner itself to be quiet', () => living().length === 0);
    await stage.open();
    await stage.media.open(other.url);
    stage.server.scripts.set('transaction', () => never);
    const joining = failure(stage.media.publish(publishOrder(stage.server.url)));
    await stage.media.addIceCandidate(
      { server: other.url, endpoint: asEndpointId('endpoint') },
      { candidate: 'candidate:1', sdpMid: null, sdpMLineIndex: null },
    );
    expect(living()).toContain('Timeout');
    expect(living()).toContain('TCPSocketWrap');
    await stage.media.close();
    expect(await joining).toMatchObject({ code: 'media-unavailable' });
    await other.stop();
    await stage.server.stop();
    await until('everything to be gone', () => living().length === 0, 1_000);
  });

  // In kurento-client the pings are one timer for all clients: only the first server gets them, and closing any
  // client stops them for all.
  it('are each watched, whoever else was closed', async () => {
    const other = await ScriptedServer.start();
    await stage.open();
    const engine = createKurentoMedia({
      log: createLogger({ name: 'test', level: 'silent' }),
      linksPerServer: 1,
    });
    try {
      await engine.open(other.url);
      await engine.open(stage.server.url);
      await stage.media.close();
      const downs: MediaServerUrl[] = [];
      engine.onLink(({ server, state }) => state === 'down' && downs.push(server));
      other.answersPings = false;
      await until('the first to be seen down', () => downs.includes(other.url), 5_000);
      expect(engine.isUp(stage.server.url)).toBe(true);
      stage.server.answersPings = false;
      await until('the second to be seen down', () => downs.includes(stage.server.url), 5_000);
      expect([...other.requestsOf('ping'), ...stage.server.requestsOf('ping')]).toEqual([]);
    } finally {
      await engine.close();
      await other.stop();
    }
  });

  it('do not change every Error of the process', () => {
    expect('toJSON' in Error.prototype).toBe(false);
  });
});
