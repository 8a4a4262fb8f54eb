import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Cluster } from '../support/cluster.js';
import type { EmbeddedMedia } from '../support/embedded-media.js';
import { waitFor } from '../support/wait-for.js';
import { PresentedFrames } from './presented-frames.js';
import { RoomPage } from './room-page.js';

/** What a page has shown since `watchStage`: whether it was without a picture, and every state it was in. */
interface Shown {
  isBlank: boolean;
  states: string[];
}

/** A presenter and viewers on the product's own pages, whose media server is about to go. */
export class MovingBroadcast {
  private constructor(
    private readonly cluster: Cluster,
    readonly room: string,
    readonly presenter: RoomPage,
    readonly viewers: RoomPage[],
    readonly frames: PresentedFrames[],
  ) {}

  static async start(
    cluster: Cluster,
    {
      browser,
      audience,
      room,
      viewers,
    }: { browser: Browser; audience: Browser; room: string; viewers: number },
  ): Promise<MovingBroadcast> {
    const node = (index: number) => cluster.nodes[index % cluster.nodes.length]?.httpUrl ?? '';
    const presenter = await RoomPage.open(browser, node(0), room);
    await presenter.click('go-live');
    await presenter.reaches('live');
    const pages: RoomPage[] = [];
    for (let index = 0; index < viewers; index += 1) {
      const page = await RoomPage.open(audience, node(index), room);
      await page.watch();
      pages.push(page);
    }
    for (const page of pages)
      await expect
        .poll(async () => (await page.received()).framesDecoded, { timeout: 30_000 })
        .toBeGreaterThan(30);
    for (const { page } of pages) await watchStage(page);
    const frames = await Promise.all(pages.map(({ page }) => PresentedFrames.of(page)));
    return new MovingBroadcast(cluster, room, presenter, pages, frames);
  }

  get admin() {
    const [controller] = this.cluster.controllers;
    if (!controller) throw new Error('there is no controller');
    return controller.admin;
  }

  /** The media server it is on: its id for operators, and its process. */
  async server(): Promise<{ id: string; url: string; media: EmbeddedMedia }> {
    const { server: url } = await this.admin.get(`/rooms/${this.room}`);
    const index = this.cluster.gates.findIndex(gate => gate.url === url);
    const media = this.cluster.media[index];
    if (!media) throw new Error(`the room is on no server of this cluster: ${url}`);
    return { id: new URL(url).host, url, media };
  }

  /** Resolves when all of it plays on another server than `url`. */
  async untilElsewhere(url: string): Promise<void> {
    let found: unknown;
    await waitFor(
      'everybody to be on another server',
      async () => {
        const { sessions } = await this.admin.get(`/rooms/${this.room}/sessions`);
        found = sessions;
        return (
          sessions.length === this.viewers.length + 1 &&
          sessions.every(({ server }: { server: string | null }) => server !== null && server !== url)
        );
      },
      { timeoutMs: 45_000, intervalMs: 100, actual: () => JSON.stringify(found) },
    );
  }

  /** Resolves when every viewer has decoded frames on its newest connection. */
  async untilPlaying(): Promise<void> {
    await waitFor(
      'new frames at every viewer',
      async () =>
        (await Promise.all(this.viewers.map(viewer => viewer.received()))).every(
          ({ framesDecoded }) => framesDecoded > 10,
        ),
      { timeoutMs: 60_000, intervalMs: 100 },
    );
  }

  /** The longest gap between frames that each viewer saw meanwhile, in ms. */
  async gapsWhile(during: () => Promise<unknown>): Promise<number[]> {
    let ended: () => void = () => {};
    const isOver = new Promise<void>(resolve => {
      ended = resolve;
    });
    const gaps = this.frames.map(frames => frames.longestGapWhile(() => isOver));
    await during().finally(() => ended());
    return Promise.all(gaps);
  }

  shown = (): Promise<Shown[]> =>
    Promise.all(
      this.viewers.map(({ page }) =>
        page.evaluate(() => {
          const { isBlank, states } = Reflect.get(window, 'shown') as {
            isBlank: boolean;
            states: Set<string>;
          };
          return { isBlank, states: [...states] };
        }),
      ),
    );

  /** How many peer connections each viewer has made. */
  connections = (): Promise<number[]> =>
    Promise.all(
      this.viewers.map(({ page }) => page.evaluate(() => Reflect.get(window, 'peerConnections').length)),
    );

  async close(): Promise<void> {
    await Promise.all([this.presenter, ...this.viewers].map(page => page.close()));
  }
}

/** Looks at every animation frame what a visitor would see. */
async function watchStage(page: Page): Promise<void> {
  await page.evaluate(() => {
    const shown = { isBlank: false, states: new Set<string>() };
    const look = () => {
      const video = document.querySelector('video') as HTMLVideoElement;
      if (video.srcObject === null || video.videoWidth === 0) shown.isBlank = true;
      shown.states.add(document.body.dataset.state ?? '');
      requestAnimationFrame(look);
    };
    look();
    Object.assign(window, { shown });
  });
}
