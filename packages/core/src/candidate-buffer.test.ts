import { expect, it } from 'vitest';
import { CandidateBuffer } from './candidate-buffer.js';

const candidate = (text: string) => ({ candidate: text, sdpMid: '0', sdpMLineIndex: 0 });

it('holds candidates until it is opened, then passes them on in order', () => {
  const buffer = new CandidateBuffer(10);
  const passed: string[] = [];
  buffer.add(candidate('a'));
  buffer.add(candidate('b'));
  buffer.open(({ candidate: text }) => passed.push(text));
  buffer.add(candidate('c'));
  expect(passed).toEqual(['a', 'b', 'c']);
});

it('refuses what is over the limit, whether held or passed on, and names it', () => {
  const buffer = new CandidateBuffer(2);
  buffer.add(candidate('a'));
  buffer.open(() => {});
  buffer.add(candidate('b'));
  expect(() => buffer.add(candidate('c'))).toThrow('candidate: at most 2 for one attempt');
});
