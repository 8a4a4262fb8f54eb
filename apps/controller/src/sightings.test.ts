import { expect, it } from 'vitest';
import { Sightings } from './sightings.js';

const suspicion = (key: string, afterMs: number, repeatMs?: number) => ({
  key,
  afterMs,
  ...(repeatMs !== undefined && { repeatMs }),
});

it('acts upon what has lasted, and again when it lasts on', () => {
  const sightings = new Sightings();
  const seen = [suspicion('a', 10)];
  const ripeAt = [0, 9, 10, 15, 20].map(nowMs => sightings.ripe(seen, nowMs).length);
  expect(ripeAt).toEqual([0, 0, 1, 0, 1]);
});

it('acts at once where nothing has to last, and repeats as rarely as it is told', () => {
  const sightings = new Sightings();
  const seen = [suspicion('a', 0, 60)];
  expect([0, 1, 59, 60, 61].map(nowMs => sightings.ripe(seen, nowMs).length)).toEqual([1, 0, 0, 1, 0]);
});

it('begins anew with what was away in between, or when told to', () => {
  const sightings = new Sightings();
  const [a, b] = [suspicion('a', 10), suspicion('b', 10)];
  sightings.ripe([a, b], 0);
  sightings.ripe([b], 5);
  expect(sightings.ripe([a, b], 10)).toEqual([b]);
  sightings.clear();
  expect(sightings.ripe([a, b], 25)).toEqual([]);
});
