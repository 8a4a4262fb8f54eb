import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.js';
import { type EmbeddedMedia, startEmbeddedMedia } from '../support/embedded-media.js';
import { printFigure } from '../support/figures.js';
import { type PrivateRedis, startRedisServer } from '../support/redis-server.js';
import { type SignalingNode, startSignalingNode } from '../support/signaling-node.js';
import { hasTurnServer, startTurnServer, type TurnServer } from '../support/turn-server.js';
import { RoomPage } from './room-page.js';

const secret = 'what coturn and the nodes know';
/** Direct candidates are not even gathered. */
const relayOnly: RTCConfiguration = { iceTransportPolicy: 'relay' };

/** The kinds of the candidates of the pair that carries the media. */
const pairOf = (page: Page) =>
  page.evaluate(async () => {
    const { peerConnections } = window as unknown as { peerConnections: RTCPeerConnection[] };
    const report = await (peerConnections.at(-1) as RTCPeerConnection).getStats();
    const all = [...report.values()];
    const transport = all.find(({ type }) => type === 'transport');
    const pair = report.get(transport?.selectedCandidatePairId);
    const kind = (id: string) => report.get(id)?.candidateType as string;
    return pair && { local: kind(pair.localCandidateId), remote: kind(pair.remoteCandidateId) };
  });

describe.skipIf(!hasTurnServer)('a broadcast through coturn (skipped where there is no turnserver)', () => {
  let [redis, media, turn, node, browser] = [] as unknown as [
    PrivateRedis,
    EmbeddedMedia,
    TurnServer,
    SignalingNode,
    Browser,
  ];
  beforeAll(async () => {
    [redis, media, turn, browser] = await Promise.all([
      startRedisServer(),
      startEmbeddedMedia(),
      startTurnServer(secret),
      launchBrowser(),
    ]);
    node = await startSignalingNode({
      redisUrl: redis.url,
      mediaServers: [media.url],
      env: { MANYCAST_TURN_URLS: turn.url, MANYCAST_TURN_SECRET: secret },
    });
  });
  afterAll(async () => {
    await browser?.close();
    await node?.stop();
    await Promise.all([media?.stop(), turn?.stop(), redis?.stop()]);
  });

  it('is relayed from the presenter and to the viewer, with the credentials of `welcome`', async () => {
    const presenter = await RoomPage.open(browser, node.httpUrl, 'relayed', relayOnly);
    await presenter.click('go-live');
    await presenter.reaches('live');
    const viewer = await RoomPage.open(browser, node.httpUrl, 'relayed', relayOnly);
    await viewer.watch();
    await expect
      .poll(async () => (await viewer.received()).framesDecoded, { timeout: 30_000 })
      .toBeGreaterThan(50);
    const pairs = { presenter: await pairOf(presenter.page), viewer: await pairOf(viewer.page) };
    printFigure(
      'the broadcast through coturn',
      `${JSON.stringify(pairs)}, ${(await viewer.received()).framesDecoded} frames decoded`,
    );
    expect([pairs.presenter?.local, pairs.viewer?.local]).toEqual(['relay', 'relay']);
    await presenter.close();
    await viewer.close();
  });

  it('pages of the tutorial get such credentials too', async () => {
    const answer = await fetch(`${node.httpUrl}/ice-servers`, {
      headers: { origin: 'https://page.example' },
    });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    const { iceServers } = (await answer.json()) as { iceServers: RTCIceServer[] };
    expect(iceServers).toEqual([
      {
        urls: [turn.url],
        username: expect.stringMatching(/^\d{10}:page-/),
        credential: expect.any(String),
      },
    ]);
  });
});
