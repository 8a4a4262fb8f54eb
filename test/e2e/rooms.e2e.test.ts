import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, screenshot } from '../support/browser.js';
import { RoomPage } from './room-page.js';
import { startTwoNodes, type TwoNodes } from './two-nodes.js';

let cluster: TwoNodes;
let browser: Browser;
beforeAll(async () => {
  [cluster, browser] = await Promise.all([startTwoNodes(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await cluster?.stop();
});

const nodeA = () => cluster.nodes[0].httpUrl;
const nodeB = () => cluster.nodes[1].httpUrl;
const soon = { timeout: 20_000 };

const part = (of: RoomPage, id: string) => of.page.getByTestId(id);
const messages = (of: RoomPage) => part(of, 'messages').locator('.message .text').allTextContents();
async function say(from: RoomPage, text: string): Promise<void> {
  await part(from, 'say-text').fill(text);
  await part(from, 'say-text').press('Enter');
}

/** Those who have not been removed. */
async function watching(pages: RoomPage[]): Promise<RoomPage[]> {
  const states = await Promise.all(pages.map(({ page }) => page.evaluate(() => document.body.dataset.state)));
  return pages.filter((_, at) => states[at] === 'watching');
}

describe('people in a room', () => {
  it('find it, talk, are counted, and the presenter keeps order', async () => {
    const visitor = await RoomPage.open(browser, nodeB(), 'elsewhere');
    const presenter = await RoomPage.open(browser, nodeA(), 'evening-show');
    await presenter.click('go-live');
    await presenter.reaches('live');

    // By the directory of the other node, into the room.
    const listed = part(visitor, 'rooms').getByRole('button', { name: /evening-show/ });
    await listed.waitFor(soon);
    await screenshot(visitor.page, 'directory');
    await visitor.page.setViewportSize({ width: 390, height: 844 });
    await screenshot(visitor.page, 'directory-phone');
    await visitor.page.setViewportSize({ width: 1280, height: 800 });
    await listed.click();
    await visitor.reaches('watching');
    const other = await RoomPage.open(browser, nodeA(), 'evening-show');
    await other.click('watch');
    await other.reaches('watching');
    for (const page of [presenter, visitor, other])
      await expect.poll(() => part(page, 'viewers').textContent(), soon).toBe('2 watching');

    const markup = '<img src=x onerror="document.title=\'hacked\'"> & <b>bold</b>';
    await say(visitor, 'Good evening from the back row!');
    await say(other, markup);
    await say(presenter, 'Welcome, both of you.');
    for (const page of [presenter, visitor, other]) {
      await expect.poll(() => messages(page).then(texts => texts.length), soon).toBe(3);
      expect(new Set(await messages(page))).toContain(markup);
      expect(await part(page, 'messages').locator('img, b').count()).toBe(0);
      expect(await page.page.title()).not.toContain('hacked');
    }
    await screenshot(visitor.page, 'room-wide');
    await visitor.page.setViewportSize({ width: 390, height: 844 });
    expect(await visitor.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(
      true,
    );
    await part(visitor, 'talk').scrollIntoViewIfNeeded();
    await visitor.page.screenshot({ fullPage: true });
    await screenshot(visitor.page, 'room-phone');

    // By the keyboard alone: the message's menu, its first entry.
    const rude = part(presenter, 'messages').locator('.message', { hasText: 'onerror' });
    await rude.locator('summary').focus();
    await presenter.page.keyboard.press('Enter');
    await screenshot(presenter.page, 'moderation-message');
    await presenter.page.keyboard.press('Tab');
    await presenter.page.keyboard.press('Enter');
    for (const page of [presenter, visitor, other])
      await expect.poll(() => messages(page).then(texts => texts.includes(markup)), soon).toBe(false);

    await part(presenter, 'people').locator('summary').first().click();
    await expect.poll(() => part(presenter, 'people-list').locator('li').count(), soon).toBe(3);
    await screenshot(presenter.page, 'moderation-people');
    await presenter.page.setViewportSize({ width: 390, height: 844 });
    await part(presenter, 'people-list').scrollIntoViewIfNeeded();
    await screenshot(presenter.page, 'moderation-phone');
    await presenter.page.setViewportSize({ width: 1280, height: 800 });
    await part(presenter, 'people-list').getByRole('button', { name: 'Remove' }).first().click();
    await expect.poll(() => part(presenter, 'people-list').locator('li').count(), soon).toBe(2);
    await expect.poll(() => part(presenter, 'viewers').textContent(), soon).toBe('1 watching');

    // One who comes later reads what was said before.
    const late = await RoomPage.open(browser, nodeB(), 'evening-show');
    await late.click('watch');
    // One whose picture has not come yet would go on waiting for it.
    await late.reaches('watching');
    await expect.poll(() => messages(late), soon).toContain('Welcome, both of you.');

    // The chat goes on for a while after the broadcast.
    const [stayed] = await watching([visitor, other]);
    if (!stayed) throw new Error('nobody of the two is still there');
    await presenter.click('stop');
    await late.reaches('ended');
    await stayed.reaches('ended');
    await say(late, 'That was a good one.');
    await expect.poll(() => messages(stayed), soon).toContain('That was a good one.');
    await screenshot(late.page, 'afterglow');
    // Who has stayed watches again when the presenter comes back.
    await presenter.click('go-live');
    await presenter.reaches('live');
    await late.reaches('watching');
    await presenter.click('stop');
    await late.reaches('ended');
    for (const page of [presenter, visitor, other, late]) expect(page.seen.errors).toEqual([]);
    await Promise.all([presenter, visitor, other, late].map(page => page.close()));
  });
});
