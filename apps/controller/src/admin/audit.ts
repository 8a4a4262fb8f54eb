import { randomUUID } from 'node:crypto';
import type { Logger } from '@manycast/runtime';
import type { RequestHandler } from 'express';
import type { Caller } from './caller.js';
import type { Route } from './route.js';

/**
 * Two lines for every order, whatever the log level is: that it came, before anything is done, and what became of
 * it. They share `order`.
 */
export function audit(route: Route, log: Logger): RequestHandler {
  if (route.access === 'read') return (_request, _response, next) => next();
  const auditLog = log.child({ audit: true }, { level: 'info' });
  return (request, response, next) => {
    const { name, role } = response.locals.caller as Caller;
    const order = randomUUID();
    const { method, params, query } = request;
    const who = { order, caller: name, role, from: request.socket.remoteAddress };
    auditLog.info({ ...who, method, path: route.path, params, query }, 'order received');
    const begunAt = performance.now();
    response.once('close', () => {
      const body = withoutSecrets(request.body, route.secret);
      const { statusCode: status, writableFinished: isAnswered } = response;
      const tookMs = Math.round(performance.now() - begunAt);
      auditLog.info(
        { order, caller: name, body, status, isAnswered, problem: response.locals.problem, tookMs },
        'order answered',
      );
    });
    next();
  };
}

function withoutSecrets(body: unknown, secret: readonly string[] = []): unknown {
  if (typeof body !== 'object' || body === null) return undefined;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, secret.includes(name) ? '[redacted]' : value]),
  );
}
