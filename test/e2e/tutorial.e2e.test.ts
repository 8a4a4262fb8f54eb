import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instrument, launchBrowser, received, screenshot, timeToFirstFrame } from '../support/browser.js';
import { serveTutorialPage, type TutorialPage } from './tutorial-page/serve.js';
import { startTwoNodes, type TwoNodes } from './two-nodes.js';

let cluster: TwoNodes;
let browser: Browser;
let site: TutorialPage;
beforeAll(async () => {
  [cluster, browser, site] = await Promise.all([startTwoNodes(), launchBrowser(), serveTutorialPage()]);
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
  await cluster?.stop();
});

async function open(node: 0 | 1, path: string): Promise<{ page: Page; errors: string[] }> {
  const page = await (await browser.newContext()).newPage();
  const { errors } = await instrument(page);
  await page.goto(site.url(cluster.nodes[node].wsUrl(path)));
  return { page, errors };
}
const logOf = ({ page }: { page: Page }) => page.textContent('#log');

describe.each([
  ['/one2many', 'presenter', 'No active presenter. Try again later...'],
  ['/call', 'sender', 'No active sender now. Become sender or . Try again later ...'],
])('a page of the tutorial, on kurento-utils, at %s', (path, name, nobody) => {
  it('broadcasts, watches, is refused and is told of the end, as with the tutorial’s own server', async () => {
    const [presenter, viewer, rival] = [await open(0, path), await open(1, path), await open(1, path)];

    await viewer.page.click('#viewer');
    await expect.poll(() => logOf(viewer)).toContain(`rejected: ${nobody}`);

    await presenter.page.click('#call');
    await expect.poll(() => logOf(presenter)).toContain('accepted');
    await rival.page.click('#call');
    const refusal = `rejected: Another user is currently acting as ${name}. Try again later ...`;
    await expect.poll(() => logOf(rival), { timeout: 10_000 }).toContain(refusal);

    await timeToFirstFrame(viewer.page, '#viewer');
    await expect
      .poll(async () => (await received(viewer.page)).framesDecoded, { timeout: 15_000 })
      .toBeGreaterThan(20);
    await expect.poll(async () => (await received(viewer.page)).audioPackets).toBeGreaterThan(20);
    await screenshot(viewer.page, `tutorial-viewer${path.replace('/', '-')}`);

    await presenter.page.click('#terminate');
    await expect.poll(() => logOf(viewer)).toContain('stopCommunication');
    // The same sockets again: a broadcast after a broadcast.
    await presenter.page.click('#call');
    await expect.poll(() => logOf(presenter)).toMatch(/accepted\s+accepted/);
    await timeToFirstFrame(viewer.page, '#viewer');
    await presenter.page.close();
    await expect.poll(() => logOf(viewer)).toMatch(/stopCommunication[\s\S]*stopCommunication/);

    for (const { errors } of [presenter, viewer, rival]) expect(errors).toEqual([]);
    for (const { page } of [viewer, rival]) await page.context().close();
  });
});
