import express, { type RequestHandler, Router } from 'express';

/** Everything comes from this listener, and nothing else is asked or framed. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** The operator's console beside the API that it works on, so that no other origin has to be let in. */
export function operatorPages(pagesDir: string): RequestHandler {
  const router = Router();
  const secured: RequestHandler = (_request, response, next) => {
    response.set({ 'content-security-policy': policy, 'referrer-policy': 'no-referrer' });
    next();
  };
  router.get(
    '/',
    secured,
    (_request, response) => void response.sendFile('operator.html', { root: pagesDir }),
  );
  router.use(secured, express.static(pagesDir, { index: false }));
  return router;
}
