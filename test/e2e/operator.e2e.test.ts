import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, screenshot } from '../support/browser.js';
import { freePort } from '../support/free-port.js';
import { ResumingClient } from '../support/resuming-client.js';
import { Stage } from '../support/stage.js';

const adminPort = await freePort();
const [reader, writer] = ['token-of-a-reader-1', 'token-of-a-writer-1'];
const tokensFile = join(mkdtempSync(join(tmpdir(), 'manycast-tokens-')), 'tokens');
writeFileSync(tokensFile, `read reader ${reader}\nwrite writer ${writer}\n`);

describe('the operator’s console', () => {
  const stage = new Stage({
    nodes: 2,
    mediaServers: 2,
    controllers: 1,
    controllerEnv: {
      MANYCAST_ADMIN_TOKENS_FILE: tokensFile,
      MANYCAST_ADMIN_PORT: String(adminPort),
      MANYCAST_RECONCILE_MS: '500',
    },
  });
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser({ camera: false });
  });
  afterAll(() => browser?.close());

  const errors: string[] = [];
  async function open(token: string, context: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const page = await (await browser.newContext(context)).newPage();
    page.on('pageerror', error => errors.push(String(error)));
    page.on('console', line => {
      if (line.type() === 'error' && !line.text().includes('401')) errors.push(line.text());
    });
    await page.goto(`http://127.0.0.1:${adminPort}/`);
    await page.getByTestId('token').fill(token);
    await page.getByRole('button', { name: 'Connect' }).click();
    return page;
  }
  async function joined(role: 'presenter' | 'viewer', room: string): Promise<ResumingClient> {
    const client = await ResumingClient.open(role, stage.node(0).wsUrl('/one2many'), room);
    await client.join();
    return client;
  }
  const isShown = (page: Page, testId: string) =>
    page.getByTestId(testId).first().waitFor({ timeout: 20_000 });

  it('shows nothing without a token, and says why', async () => {
    const page = await open('a token that nobody has');
    await expect.poll(() => page.getByTestId('connection').textContent()).toMatch(/token/i);
    expect(await page.getByTestId(`node-${stage.node(0).nodeId}`).count()).toBe(0);
    await page.context().close();
  });

  it('shows nodes, media servers, rooms and the pool’s load as they are', async () => {
    const room = stage.newRoom();
    await stage.presenter(0, room);
    await stage.viewer(1, room);
    const page = await open(reader);
    for (const { nodeId } of stage.cluster.nodes) await isShown(page, `node-${nodeId}`);
    for (const { url } of stage.cluster.gates) await isShown(page, `server-${new URL(url).host}`);
    await isShown(page, `room-${room}`);
    await expect
      .poll(() => page.locator('#chart-endpoints .value').textContent())
      .toMatch(/^[1-9]\d* of 600$/);
    await page.getByTestId('room-filter').fill('another');
    expect(await page.getByTestId(`room-${room}`).count()).toBe(0);
    await page.context().close();
  });

  it('diagnoses a session of a room', async () => {
    const room = stage.newRoom();
    await stage.presenter(0, room);
    await stage.viewer(1, room);
    for (const [name, context] of Object.entries({
      'operator-light': { viewport: { width: 1280, height: 1500 }, colorScheme: 'light' as const },
      'operator-dark': { viewport: { width: 1280, height: 1000 }, colorScheme: 'dark' as const },
      'operator-narrow': { viewport: { width: 390, height: 1600 }, colorScheme: 'light' as const },
    })) {
      const page = await open(writer, context);
      await page.getByTestId(`room-${room}`).click();
      await page.locator('#sessions tr', { hasText: 'viewer' }).getByRole('button').first().click();
      await expect
        .poll(
          () =>
            page
              .getByTestId('verdict')
              .textContent({ timeout: 500 })
              .catch(() => ''),
          { timeout: 20_000 },
        )
        .toMatch(/^flowing/);
      expect(await page.locator('.events li').count()).toBeGreaterThan(2);
      const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(await overflow(), name).toBeLessThanOrEqual(0);
      await screenshot(page, name);
      await page.context().close();
    }
  });

  it('asks before it does anything, and does nothing when told to leave it', async () => {
    const room = stage.newRoom();
    await stage.presenter(0, room);
    const viewer = await stage.viewer(1, room);
    const page = await open(writer);
    await page.getByTestId(`close-${room}`).click();
    await expect.poll(() => page.getByTestId('confirm').textContent()).toContain(`Close the room ${room}?`);
    await screenshot(page, 'operator-confirm');
    await page.getByRole('button', { name: 'Leave it' }).click();
    await viewer.wire.barrier();
    expect(viewer.wire.ids).not.toContain('stopCommunication');
    await page.getByTestId(`close-${room}`).click();
    await page.getByTestId('confirm-yes').click();
    await viewer.wire.next('stopCommunication');
    await expect.poll(() => page.getByTestId('outcome').textContent()).toMatch(/ordered/);
    await page.context().close();
  });

  it('kicks a viewer, whose client is told why, and nobody else', async () => {
    const room = stage.newRoom();
    await stage.presenter(0, room);
    const [kicked, other] = [await joined('viewer', room), await joined('viewer', room)];
    const page = await open(writer);
    await page.getByTestId(`room-${room}`).click();
    await page.getByTestId(`kick-${kicked.session}`).click();
    await expect
      .poll(() => page.getByTestId('confirm').textContent())
      .toContain(`Kick this viewer out of ${room}?`);
    await page.getByTestId('confirm-yes').click();
    expect(await kicked.wire.closed).toMatchObject({ code: 4520 });
    await page.getByTestId(`kick-${kicked.session}`).waitFor({ state: 'detached', timeout: 20_000 });
    await isShown(page, `kick-${other.session}`);
    expect(other.hasOpenSocket).toBe(true);
    await page.context().close();
    await other.leave();
    kicked.vanish();
  });

  it('moves a room to another media server, and shows where it is', async () => {
    const room = stage.newRoom();
    const presenter = await joined('presenter', room);
    const page = await open(writer);
    const row = page.locator('#rooms tr', { has: page.getByTestId(`room-${room}`) });
    const hosts = stage.cluster.gates.map(({ url }) => new URL(url).host);
    await isShown(page, `room-${room}`);
    const from = await row.locator('.server').textContent();
    expect(hosts).toContain(from);
    await page.getByTestId(`drain-${from}`).click();
    await expect.poll(() => page.getByTestId('confirm').textContent()).toContain('1 room on it moves to');
    await screenshot(page, 'operator-drain');
    await page.getByRole('button', { name: 'Leave it' }).click();
    await page.getByTestId(`move-${room}`).click();
    await expect.poll(() => page.getByTestId('confirm').textContent()).toContain(`Move the room ${room}?`);
    await page.getByTestId('confirm-yes').click();
    expect(await presenter.wire.next('renegotiate', 20_000)).toMatchObject({ reason: 'media-moved' });
    await presenter.join();
    const elsewhere = hosts.find(host => host !== from);
    await expect.poll(() => row.locator('.server').textContent(), { timeout: 20_000 }).toBe(elsewhere);
    await page.context().close();
    await presenter.leave();
  });

  it('drains a media server and lets it take rooms again', async () => {
    const id = new URL(stage.cluster.gates[1]?.url ?? '').host;
    const page = await open(writer);
    await page.getByTestId(`drain-${id}`).click();
    await page.getByTestId('confirm-yes').click();
    await expect
      .poll(() => page.getByTestId(`server-${id}`).textContent(), { timeout: 20_000 })
      .toMatch(/drain(ing|ed)/);
    await page.getByTestId(`undrain-${id}`).click();
    await page.getByTestId('confirm-yes').click();
    await isShown(page, `drain-${id}`);
    await page.context().close();
  });

  it('tells a reader that it may not order', async () => {
    const room = stage.newRoom();
    await stage.presenter(0, room);
    const page = await open(reader);
    await page.getByTestId(`close-${room}`).click();
    await page.getByTestId('confirm-yes').click();
    await expect.poll(() => page.locator('#outcome[data-state="bad"]').count()).toBe(1);
    await page.context().close();
  });

  it('makes no error and asks nobody but its controller', () => {
    expect(errors.filter(error => !/403|Forbidden/.test(error))).toEqual([]);
  });
});
