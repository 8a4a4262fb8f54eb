import { expect, it } from 'vitest';
import { RemoteCandidates } from './remote-candidates.js';

it('lets the peer check first, then passes on what came, early or late', () => {
  const used: string[] = [];
  const candidates = new RemoteCandidates(candidate => used.push(candidate));
  candidates.add('early', 0);
  candidates.onGathering(100);
  candidates.onTick(10_000);
  expect(used).toEqual([]);
  candidates.onDescribed(10_000);
  candidates.onTick(10_249);
  expect(used).toEqual([]);
  candidates.onTick(10_250);
  candidates.add('late', 10_300);
  expect(used).toEqual(['early', 'late']);
});

it('takes no more than a peer can need', () => {
  const used: string[] = [];
  const candidates = new RemoteCandidates(candidate => used.push(candidate));
  for (let i = 0; i < 10_000; i++) candidates.add(String(i), 0);
  candidates.onDescribed(0);
  candidates.onGathering(0);
  candidates.onTick(1000);
  expect(used).toHaveLength(64);
});
