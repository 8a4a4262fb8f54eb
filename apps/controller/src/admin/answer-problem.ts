import type { Logger } from '@manycast/runtime';
import type { ErrorRequestHandler } from 'express';
import { Problem } from './problem.js';

/** The one place where a problem becomes an answer. */
export const answerProblem =
  (log: Logger): ErrorRequestHandler =>
  (thrown, request, response, _next) => {
    const problem = Problem.from(thrown);
    const { code, message, field, retryAfterMs, status } = problem;
    if (status >= 500)
      log[status === 500 ? 'error' : 'warn'](
        { err: problem.cause, code, path: request.path },
        'admin request failed',
      );
    if (status === 401 || status === 403)
      log.warn({ code, path: request.path, from: request.socket.remoteAddress }, 'admin request refused');
    if (response.headersSent) return void response.destroy();
    response.locals.problem = code;
    if (status === 401) response.set('www-authenticate', 'Bearer realm="manycast"');
    if (retryAfterMs !== undefined) response.set('retry-after', String(Math.ceil(retryAfterMs / 1000)));
    response.status(status).json({ code, message, field, retryAfterMs });
  };
