import { expect, it } from 'vitest';
import { checkResources, type Usage } from './resources.js';

const plenty: Usage = { used: 10, limit: Number.POSITIVE_INFINITY };

it('refuses above four fifths of the files or the threads, not before', () => {
  const files = (used: number) => checkResources({ files: { used, limit: 100 }, threads: plenty });
  files(80);
  expect(() => files(81)).toThrow('Reached KMS files limit: 80');
  const threads = { used: 900, limit: 1000 };
  expect(() => checkResources({ files: plenty, threads })).toThrow('Reached KMS threads limit: 800');
});

it('finds enough of both for this test', () => {
  expect(() => checkResources()).not.toThrow();
});
