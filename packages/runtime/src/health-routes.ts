import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import type { Readiness } from './readiness.js';

/**
 * Answers `GET /livez`, `/readyz` and `/metrics`; false for anything else, which is left to the caller. `/livez`
 * says that the process answers, and nothing more.
 */
export function healthRoutes({
  readiness,
  registry,
}: {
  readiness: Readiness;
  registry?: Registry | undefined;
}) {
  const json = (response: ServerResponse, status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(body));
  };
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    switch (request.url?.replace(/\?.*/, '')) {
      case '/livez':
        json(response, 200, { alive: true });
        return true;
      case '/readyz': {
        const problems = readiness.problems();
        json(response, problems.length > 0 ? 503 : 200, { ready: problems.length === 0, problems });
        return true;
      }
      case '/metrics':
        if (!registry) return false;
        registry.metrics().then(
          text => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
          error => json(response, 500, { error: String(error) }),
        );
        return true;
      default:
        return false;
    }
  };
}
