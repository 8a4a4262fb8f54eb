import type { RoomDirectory } from '@manycast/core';
import express, { type Express, type RequestHandler } from 'express';
import { directoryPage } from './directory-page.js';
import type { Limits } from './limits/limits.js';

export interface PagesOptions {
  pagesDir: string;
  /** Undefined: the live rooms are nobody's business. */
  directory?: RoomDirectory | undefined;
  /** Where TURN servers are. */
  ice: RequestHandler;
  brakes: Limits;
}

/** What a node serves besides health and metrics: its pages, the directory, TURN servers, and the order to drain. */
export function createPages({ pagesDir, directory, ice, brakes }: PagesOptions): Express {
  const app = express().disable('x-powered-by');
  app.post('/drain', (request, response) => {
    // For a preStop hook or an operator on this machine; from elsewhere it is nobody's business.
    if (!isLoopback(request.socket.remoteAddress)) return void response.status(403).end();
    response.status(202).json({ draining: true });
    process.kill(process.pid, 'SIGTERM');
  });
  // The first that is given up when there is too much to do.
  const sheddable: RequestHandler = (_request, response, next) => {
    if (!brakes.overload.refuses('directory')) return next();
    brakes.count('overload');
    response.status(503).set('retry-after', '5').json({ code: 'overloaded' });
  };
  if (directory) app.get('/rooms', sheddable, directoryPage(directory));
  app.get('/ice-servers', ice).options('/ice-servers', ice);
  app.use(express.static(pagesDir));
  return app;
}

const isLoopback = (address = ''): boolean => /^(::1$|127\.|::ffff:127\.)/.test(address);
