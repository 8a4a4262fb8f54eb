import type { Page } from 'playwright-core';

/** When a page's video presented its frames, as requestVideoFrameCallback says. */
export class PresentedFrames {
  private constructor(private readonly page: Page) {}

  /** Of the video that shows the broadcast, from now on. */
  static async of(page: Page): Promise<PresentedFrames> {
    await page.evaluate(() => {
      const video = (document.querySelector('video:not([muted])') ??
        document.querySelector('video')) as HTMLVideoElement;
      const presentedAt: number[] = [];
      const onFrame = () => {
        presentedAt.push(performance.now());
        video.requestVideoFrameCallback(onFrame);
      };
      video.requestVideoFrameCallback(onFrame);
      Object.assign(window, { presentedAt });
    });
    return new PresentedFrames(page);
  }

  /** The longest time without a frame while `during` goes on, its beginning and its end included; in ms. */
  async longestGapWhile(during: () => Promise<unknown>): Promise<number> {
    const beganAt = await this.page.evaluate(() => performance.now());
    await during();
    return this.page.evaluate(from => {
      const { presentedAt } = window as unknown as { presentedAt: number[] };
      const times = [from, ...presentedAt.filter(time => time > from), performance.now()];
      return Math.max(...times.slice(1).map((time, index) => time - (times[index] as number)));
    }, beganAt);
  }
}
