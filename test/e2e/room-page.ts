import type { Browser, Page } from 'playwright-core';
import { instrument, received, timeToFirstFrame } from '../support/browser.js';

/** The product's own page, in a browser context of its own: another person. */
export class RoomPage {
  private constructor(
    readonly page: Page,
    readonly seen: Awaited<ReturnType<typeof instrument>>,
  ) {}

  static async open(
    browser: Browser,
    nodeUrl: string,
    room: string,
    rtc?: RTCConfiguration,
  ): Promise<RoomPage> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    const seen = await instrument(page, rtc);
    await page.goto(`${nodeUrl.replace('127.0.0.1', 'localhost')}/?room=${room}`);
    return new RoomPage(page, seen);
  }

  click = (button: 'go-live' | 'watch' | 'stop') => this.page.click(`[data-testid=${button}]`);
  text = (part: 'status' | 'problem') => this.page.textContent(`[data-testid=${part}]`);
  received = () => received(this.page);
  /** Clicks Watch; ms to the first presented frame. */
  watch = () => timeToFirstFrame(this.page, '[data-testid=watch]');

  async reaches(state: 'live' | 'waiting' | 'watching' | 'ended' | 'failed'): Promise<void> {
    await this.page.waitForFunction(wanted => document.body.dataset.state === wanted, state, {
      timeout: 20_000,
    });
  }

  close = () => this.page.context().close();
}
