import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { build } from 'vite';

export interface TutorialPage {
  /** The page, speaking to a signaling address such as `ws://127.0.0.1:8080/one2many`. */
  url(socket: string): string;
  stop(): Promise<void>;
}

/** Bundles the page with kurento-utils, which comes as CommonJS sources only, and serves it. */
export async function serveTutorialPage(): Promise<TutorialPage> {
  const folder = await mkdtemp(join(tmpdir(), 'manycast-tutorial-'));
  const root = fileURLToPath(new URL('.', import.meta.url));
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    // kurento-utils expects what browserify gave its modules.
    define: { global: 'globalThis', 'process.env.NODE_DEBUG': 'undefined' },
    build: { outDir: folder, emptyOutDir: true },
  });
  const server = createServer(express().use(express.static(folder)));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: socket => `http://localhost:${port}/?socket=${encodeURIComponent(socket)}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
