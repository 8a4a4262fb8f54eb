import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const artifacts = fileURLToPath(new URL('../artifacts', import.meta.url));

/** Debian's Chromium, or the one named by CHROMIUM_PATH, headless. With a fake camera unless told otherwise. */
export function launchBrowser({ camera = true } = {}): Promise<Browser> {
  const fakeCamera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      ...(camera ? fakeCamera : []),
    ],
  });
}

/** What a page's peer connection has received so far, added up over its inbound streams. */
export interface Received {
  framesDecoded: number;
  audioPackets: number;
}

/** To be called before the page is opened; `rtc` is put over every peer connection's configuration. Keeps its peer connections and what it sends where a test can see them. */
export async function instrument(
  page: Page,
  rtc: RTCConfiguration = {},
): Promise<{ errors: string[]; sentFrames: string[]; receivedFrames: string[] }> {
  const errors: string[] = [];
  const sentFrames: string[] = [];
  const receivedFrames: string[] = [];
  page.on('pageerror', error => errors.push(String(error)));
  page.on('websocket', socket => {
    socket.on('framesent', frame => sentFrames.push(String(frame.payload)));
    socket.on('framereceived', frame => receivedFrames.push(String(frame.payload)));
  });
  await page.addInitScript(overrides => {
    const connections: RTCPeerConnection[] = [];
    const Original = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Original {
      constructor(configuration?: RTCConfiguration) {
        super({ ...configuration, ...overrides });
        connections.push(this);
      }
    };
    Object.assign(window, { peerConnections: connections });
  }, rtc);
  return { errors, sentFrames, receivedFrames };
}

export function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    const { peerConnections } = window as unknown as { peerConnections: RTCPeerConnection[] };
    const total = { framesDecoded: 0, audioPackets: 0 };
    for (const connection of peerConnections.slice(-1)) {
      for (const report of (await connection.getStats()).values()) {
        if (report.type !== 'inbound-rtp') continue;
        if (report.kind === 'video') total.framesDecoded += report.framesDecoded ?? 0;
        if (report.kind === 'audio') total.audioPackets += report.packetsReceived ?? 0;
      }
    }
    return total;
  });
}

/** Clicks, and resolves with the ms until the page's video presented its first frame. */
export function timeToFirstFrame(page: Page, button: string): Promise<number> {
  return page.evaluate(
    selector =>
      new Promise<number>((resolve, reject) => {
        const video = document.querySelector('video:not([muted])') ?? document.querySelector('video');
        const start = performance.now();
        (video as HTMLVideoElement).requestVideoFrameCallback(() => resolve(performance.now() - start));
        (document.querySelector(selector) as HTMLElement).click();
        setTimeout(() => reject(new Error('no frame was presented within 20 s')), 20_000);
      }),
    button,
  );
}

/** Into test/artifacts, where a person can look at it. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(artifacts, { recursive: true });
  await page.screenshot({ path: join(artifacts, `${name}.png`) });
}
