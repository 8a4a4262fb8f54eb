import type { RoomDirectory } from '@manycast/core';
import express, { type Express } from 'express';
import { directoryPage } from './directory-page.js';

/** What a node serves besides health and metrics: its pages, the directory, and the order to drain. */
export function createPages({
  pagesDir,
  directory,
}: {
  pagesDir: string;
  /** Undefined: the live rooms are nobody's business. */
  directory?: RoomDirectory | undefined;
}): Express {
  const app = express().disable('x-powered-by');
  app.post('/drain', (request, response) => {
    // For a preStop hook or an operator on this machine; from elsewhere it is nobody's business.
    if (!isLoopback(request.socket.remoteAddress)) return void response.status(403).end();
    response.status(202).json({ draining: true });
    process.kill(process.pid, 'SIGTERM');
  });
  if (directory) app.get('/rooms', directoryPage(directory));
  app.use(express.static(pagesDir));
  return app;
}

const isLoopback = (address = ''): boolean => /^(::1$|127\.|::ffff:127\.)/.test(address);
