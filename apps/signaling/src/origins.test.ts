import { expect, it } from 'vitest';
import { Origins } from './origins.js';

const from = (origin?: string, host = 'node:8080') => ({ headers: { host, ...(origin && { origin }) } });

it.each([
  ['its own page', 'http://node:8080', true],
  ['its own page behind a proxy that speaks TLS', 'https://node:8080', true],
  ['a page that is named', 'https://live.example', true],
  ['another page', 'https://evil.example', false],
  ['another port of the same host', 'http://node:9090', false],
  ['a page without an origin, in a sandbox', 'null', false],
  ['a program that is no browser', undefined, true],
])('%s (%s): %s', (_, origin, expected) => {
  expect(new Origins(['https://live.example']).allows(from(origin))).toBe(expected);
  expect(new Origins([]).allows(from(origin))).toBe(true);
});

it('an answer says which page may read it', () => {
  expect(new Origins([]).headers(from('https://a'))).toEqual({ 'access-control-allow-origin': '*' });
  const named = new Origins(['https://live.example']);
  expect(named.headers(from('https://live.example'))).toMatchObject({
    'access-control-allow-origin': 'https://live.example',
  });
  expect(named.headers(from('https://evil.example'))).toEqual({ vary: 'Origin' });
});
