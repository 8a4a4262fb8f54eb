import type { Logger } from '@manycast/runtime';
import express, { type Express, type RequestHandler } from 'express';
import { z } from 'zod';
import type { Admission } from './admission.js';
import { answerProblem } from './answer-problem.js';
import { audit } from './audit.js';
import type { Caller } from './caller.js';
import { openApiDocument } from './openapi.js';
import { operatorPages } from './operator-pages.js';
import { invalid, Problem } from './problem.js';
import type { Route } from './route.js';

export const maxBodyBytes = 65_536;

/** The routes as an express application: who asks, what is asked, the answer. */
export function adminApp(
  routes: readonly Route[],
  admission: Admission,
  log: Logger,
  pagesDir?: string,
): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    response.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    next();
  });

  const document = JSON.stringify(openApiDocument(routes));
  app.get('/v1/openapi.json', (_request, response) => void response.type('json').send(document));

  const readBody = express.json({ limit: maxBodyBytes, strict: true });
  for (const route of routes) {
    const handlers = [admit(route, admission), audit(route, log), needJson, readBody, run(route)];
    app[route.method](route.path, ...handlers);
  }
  for (const path of new Set(routes.map(route => route.path))) {
    const methods = routes.filter(route => route.path === path).map(({ method }) => method.toUpperCase());
    app.all(path, (_request, response) => {
      response.set('allow', methods.join(', '));
      throw new Problem('no-such-method', { message: `${path} is used with ${methods.join(', ')}` });
    });
  }
  if (pagesDir) app.use(operatorPages(pagesDir));
  app.use(() => {
    throw new Problem('no-such-path');
  });
  app.use(answerProblem(log));
  return app;
}

const admit =
  ({ access }: Route, admission: Admission): RequestHandler =>
  (request, response, next) => {
    const caller = admission(request);
    response.locals.caller = caller;
    if (access === 'write' && caller.role !== 'write') throw new Problem('forbidden');
    next();
  };

/** Anything else would be left unread, and an order carried out without what it says. */
const needJson: RequestHandler = (request, _response, next) => {
  const isEmpty =
    request.headers['transfer-encoding'] === undefined && !Number(request.headers['content-length']);
  if (!isEmpty && !request.is('json')) throw new Problem('not-json');
  next();
};

const run =
  (route: Route): RequestHandler =>
  async (request, response) => {
    const { caller } = response.locals as { caller: Caller };
    const params = route.params ? check(route.params, request.params, 'path') : {};
    const query = check(route.query ?? nothing, request.query, 'query');
    const body = check(route.body ?? nothing, request.body ?? {}, 'body');
    const answer = await route.handle({ params, query, body, caller });
    response.status(route.status ?? 200).json(answer);
  };

const nothing = z.strictObject({});

function check(schema: z.ZodType, input: unknown, place: string): unknown {
  const result = schema.safeParse(input);
  if (!result.success) throw invalid(result.error, place);
  return result.data;
}
