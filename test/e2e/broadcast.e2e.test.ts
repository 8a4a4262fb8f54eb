import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, screenshot } from '../support/browser.js';
import { RoomPage } from './room-page.js';
import { startTwoNodes, type TwoNodes } from './two-nodes.js';

let cluster: TwoNodes;
/** With a fake camera, for presenters. */
let browser: Browser;
/** Without one and without permission: its candidates hide behind `.local` names. */
let audience: Browser;
beforeAll(async () => {
  [cluster, browser, audience] = await Promise.all([
    startTwoNodes(),
    launchBrowser(),
    launchBrowser({ camera: false }),
  ]);
});
afterAll(async () => {
  await audience?.close();
  await browser?.close();
  await cluster?.stop();
});

const nodeA = () => cluster.nodes[0].httpUrl;
const nodeB = () => cluster.nodes[1].httpUrl;
const median = (values: number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

async function broadcast(room: string): Promise<RoomPage> {
  const presenter = await RoomPage.open(browser, nodeA(), room);
  await presenter.click('go-live');
  await presenter.reaches('live');
  return presenter;
}

/** Both media arrive, and go on arriving. */
async function expectRising(viewer: RoomPage): Promise<void> {
  const before = await viewer.received();
  await expect
    .poll(
      async () => {
        const now = await viewer.received();
        return now.framesDecoded > before.framesDecoded + 10 && now.audioPackets > before.audioPackets + 10;
      },
      { timeout: 15_000 },
    )
    .toBe(true);
}

describe('a broadcast on node A, watched through node B', () => {
  it('reaches three viewers who never gave a camera, and ends for all of them', async () => {
    const presenter = await broadcast('three');
    const viewers = await Promise.all([1, 2, 3].map(() => RoomPage.open(audience, nodeB(), 'three')));
    await Promise.all(viewers.map(viewer => viewer.watch()));
    await Promise.all(viewers.map(expectRising));
    for (const viewer of viewers) {
      const candidates = viewer.seen.sentFrames.filter(frame => frame.includes('onIceCandidate'));
      expect(candidates.some(frame => frame.includes('.local'))).toBe(true);
    }
    await screenshot(presenter.page, 'presenter-live');
    await screenshot(viewers[0]?.page ?? presenter.page, 'viewer-watching');

    await presenter.click('stop');
    await Promise.all(viewers.map(viewer => viewer.reaches('ended')));
    await screenshot(viewers[0]?.page ?? presenter.page, 'viewer-ended');
    for (const viewer of viewers) {
      expect(viewer.seen.receivedFrames.filter(frame => frame.includes('stopCommunication'))).toHaveLength(1);
      expect(viewer.seen.errors).toEqual([]);
    }
    await Promise.all([presenter, ...viewers].map(page => page.close()));
  });

  it('shows ten late viewers their first frame soon', async () => {
    const presenter = await broadcast('late');
    const times: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      const viewer = await RoomPage.open(audience, nodeB(), 'late');
      times.push(await viewer.watch());
      await viewer.close();
    }
    process.stdout.write(
      `time to first frame of ten late viewers: median ${Math.round(median(times))} ms, maximum ${Math.round(Math.max(...times))} ms\n`,
    );
    // Far above what is seen; a keyframe that is not asked for takes much longer than this, or never comes.
    expect(Math.max(...times)).toBeLessThan(10_000);
    await presenter.close();
  });

  it('keeps the presenter’s bitrate up', async () => {
    const presenter = await broadcast('bitrate');
    const viewer = await RoomPage.open(audience, nodeB(), 'bitrate');
    await viewer.watch();
    const target = () =>
      presenter.page.evaluate(async () => {
        const { peerConnections } = window as unknown as { peerConnections: RTCPeerConnection[] };
        const reports = [...((await peerConnections.at(-1)?.getStats())?.values() ?? [])];
        return Math.max(
          0,
          ...reports.map(report => report.availableOutgoingBitrate ?? report.targetBitrate ?? 0),
        );
      });
    await expect.poll(target, { timeout: 30_000, interval: 500 }).toBeGreaterThan(1_000_000);
    await Promise.all([presenter.close(), viewer.close()]);
  });

  it('rooms do not mix', async () => {
    const [one, two] = [await broadcast('one'), await broadcast('two')];
    const [viewerOne, viewerTwo] = [
      await RoomPage.open(audience, nodeB(), 'one'),
      await RoomPage.open(audience, nodeB(), 'two'),
    ];
    await Promise.all([viewerOne.watch(), viewerTwo.watch()]);
    await one.click('stop');
    await viewerOne.reaches('ended');
    await expectRising(viewerTwo);
    await Promise.all([one, two, viewerOne, viewerTwo].map(page => page.close()));
  });
});

describe('says in plain words', () => {
  it('[R-ROOM-1] that the room is taken, and the broadcast goes on', async () => {
    const presenter = await broadcast('taken');
    const viewer = await RoomPage.open(audience, nodeB(), 'taken');
    await viewer.watch();
    const second = await RoomPage.open(browser, nodeB(), 'taken');
    await second.click('go-live');
    await second.reaches('failed');
    expect(await second.text('problem')).toMatch(/somebody is live in this room already/i);
    await screenshot(second.page, 'second-presenter-refused');
    await expectRising(viewer);
    await Promise.all([presenter, viewer, second].map(page => page.close()));
  });

  it('that nobody presents', async () => {
    const viewer = await RoomPage.open(audience, nodeB(), 'empty');
    await viewer.click('watch');
    await viewer.reaches('waiting');
    expect(await viewer.text('problem')).toMatch(/nobody is live/i);
    await screenshot(viewer.page, 'viewer-without-presenter');
    await viewer.close();
  });

  it('that there is no camera', async () => {
    const presenter = await RoomPage.open(audience, nodeA(), 'blind');
    await presenter.click('go-live');
    await presenter.reaches('failed');
    expect(await presenter.text('problem')).toMatch(/camera/i);
    await screenshot(presenter.page, 'no-camera');
    await presenter.close();
  });
});
