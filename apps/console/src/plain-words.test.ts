import { errorCodes } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { inPlainWords } from './plain-words.js';

describe('plain words', () => {
  it.each(Object.keys(errorCodes))('has words of its own for %s', code => {
    const words = inPlainWords({ code, message: 'the server’s words' });
    expect(words.what).not.toContain('the server’s words');
    expect(words.what).toMatch(/^[A-Z].*\.$/);
    expect(words.advice).toMatch(/^[A-Z].*\.$/);
  });

  it('speaks of nothing technical where the visitor can do something', () => {
    for (const code of ['no-camera', 'camera-denied', 'no-presenter', 'presenter-exists', 'pool-full']) {
      const words = inPlainWords({ code });
      expect(`${words.what} ${words.advice}`).not.toMatch(/SDP|ICE|WebSocket|endpoint|session|error/i);
    }
  });

  it('falls back to the server’s own message, and to something when there is none', () => {
    expect(inPlainWords({ code: 'from-the-future', message: ' Come back tomorrow. ' }).what).toBe(
      'The server says: Come back tomorrow.',
    );
    expect(inPlainWords({ code: '', message: '' }).what).toBe('Something went wrong.');
    expect(inPlainWords({ code: 'toString' }).what).toBe('Something went wrong.');
  });

  it('tells how long to wait where the server said so, in whole seconds', () => {
    expect(inPlainWords({ code: 'pool-full', retryAfterMs: 4_200 }).advice).toContain('5 seconds');
    expect(inPlainWords({ code: 'unavailable', retryAfterMs: 300 }).advice).toContain('a second');
    expect(inPlainWords({ code: 'unavailable' }).advice).not.toContain('second');
  });

  it('offers the way out that fits', () => {
    expect(inPlainWords({ code: 'presenter-exists' }).remedy).toBe('watch-instead');
    expect(inPlainWords({ code: 'server-lost-on-air' }).remedy).toBe('none');
    expect(inPlainWords({ code: 'insecure-context' }).remedy).toBe('none');
    expect(inPlainWords({ code: 'camera-busy' }).remedy).toBe('try-again');
  });
});
