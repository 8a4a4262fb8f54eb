import { expect, it } from 'vitest';
import { entryWords, nameOf, timeInto } from './chat-words.js';

const head = { id: 'chat' as const, epoch: 'e', offset: 1, atMs: 0, intoMs: 0 };

it('tells the time into the broadcast', () => {
  expect([0, 7_999, 65_000, 3_723_000].map(timeInto)).toEqual(['0:00', '0:07', '1:05', '1:02:03']);
});

it('names those who have no name', () => {
  expect([nameOf('abcdef', null), nameOf('abcdef', 'Ada')]).toEqual(['Guest abcd', 'Ada']);
});

it('says what moderators did, to whom it was done and to the others', () => {
  const muted = { ...head, type: 'muted', by: null, session: 'abcdef', untilMs: null } as const;
  expect(entryWords(muted, 'other')).toBe('Guest abcd was muted.');
  expect(entryWords(muted, 'abcdef')).toBe('You were muted.');
  expect(entryWords({ ...head, type: 'slow-mode', by: null, intervalMs: 0 }, undefined)).toBe(
    'Slow mode is off.',
  );
  expect(entryWords({ ...head, type: 'deleted', by: null, target: 3 }, undefined)).toBeUndefined();
  expect(entryWords({ ...head, type: 'something new' } as never, undefined)).toBeUndefined();
});
