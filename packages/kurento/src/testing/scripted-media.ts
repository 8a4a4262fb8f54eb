import { createLogger, createRegistry, type Registry } from '@manycast/runtime';
import { afterEach, beforeEach } from 'vitest';
import { createKurentoMedia, type KurentoMedia, type KurentoMediaOptions } from '../index.js';
import { forbidConsole } from './quiet-console.js';
import { ScriptedServer } from './scripted-server.js';

/** A fresh engine in front of a fresh scripted server for every test, both ended after it. */
export function scriptedMedia() {
  const stage = {
    server: undefined as unknown as ScriptedServer,
    media: undefined as unknown as KurentoMedia,
    registry: undefined as unknown as Registry,
    states: [] as string[],

    /** With its links up. Two command links are socket 0 and 1, releases are socket 2. */
    async open(options: Partial<KurentoMediaOptions> = {}): Promise<void> {
      stage.registry = createRegistry();
      stage.media = createKurentoMedia({
        log: createLogger({ name: 'test', level: 'silent' }),
        registry: stage.registry,
        linksPerServer: 2,
        ...options,
        timings: { retryBaseMs: 20, retryMaxMs: 50, ...options.timings },
      });
      await stage.media.open(stage.server.url, { timeoutMs: 5_000 });
      await stage.linksAreUp((options.linksPerServer ?? 2) + 1);
      stage.states = [];
      stage.media.onLink(({ state }) => stage.states.push(state));
    },

    async linksAreUp(count: number): Promise<void> {
      await until(`${count} links up`, async () => (await stage.metric('manycast_media_links_up')) === count);
    },

    /** The sum over the labels that fit. */
    async metric(name: string, labels: Record<string, string> = {}): Promise<number> {
      const { values } = (await stage.registry.getSingleMetric(name)?.get()) ?? { values: [] };
      const fits = values.filter(value =>
        Object.entries(labels).every(([key, text]) => value.labels[key] === text),
      );
      return fits.reduce((sum, { value }) => sum + value, 0);
    },
  };

  forbidConsole();
  beforeEach(async () => {
    stage.server = await ScriptedServer.start();
  });
  afterEach(async () => {
    await stage.media?.close();
    await stage.server.stop();
  });
  return stage;
}

/** Waits for a condition, looking every few ms. */
export async function until(
  what: string,
  holds: () => unknown | Promise<unknown>,
  timeoutMs = 5_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise(done => setTimeout(done, 5));
  }
}

/** What a promise that must fail failed with. */
export async function failure(
  promise: Promise<unknown>,
): Promise<{ code: string; message: string; cause?: unknown }> {
  const outcome = await promise.then(
    value => ({ value }),
    error => ({ error }),
  );
  if ('error' in outcome) return outcome.error;
  throw new Error(`did not fail but returned ${JSON.stringify(outcome.value)}`);
}
