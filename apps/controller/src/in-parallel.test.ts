import { expect, it } from 'vitest';
import { inParallel } from './in-parallel.js';

it('does everything, so many at a time', async () => {
  let [underWay, most] = [0, 0];
  const done: number[] = [];
  await inParallel([1, 2, 3, 4, 5], 2, async item => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise(setImmediate);
    underWay -= 1;
    done.push(item);
  });
  expect({ most, done }).toEqual({ most: 2, done: [1, 2, 3, 4, 5] });
});

it('begins nothing more after a failure, and waits for what was begun', async () => {
  const done: number[] = [];
  const work = async (item: number) => {
    await new Promise(resolve => setTimeout(resolve, item === 1 ? 5 : 20));
    if (item === 1) throw new Error('one');
    done.push(item);
  };
  await expect(inParallel([1, 2, 3, 4], 2, work)).rejects.toThrow('one');
  expect(done).toEqual([2]);
});
