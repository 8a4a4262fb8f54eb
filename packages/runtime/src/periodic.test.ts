import { expect, it } from 'vitest';
import { createLogger } from './logger.js';
import { Periodic } from './periodic.js';

const log = createLogger({ name: 'test', level: 'silent' });

it('goes on after a failure, never overlaps, and stops when what is under way is done', async () => {
  let [begun, underWay, mostUnderWay] = [0, 0, 0];
  let finish: () => void = () => {};
  const periodic = new Periodic({ name: 'p', everyMs: 1, log }, async () => {
    begun += 1;
    if (begun === 1) throw new Error('once');
    underWay += 1;
    mostUnderWay = Math.max(mostUnderWay, underWay);
    await new Promise<void>(resolve => {
      finish = resolve;
    });
    underWay -= 1;
  });
  await periodic.start();
  await expect.poll(() => underWay).toBe(1);
  finish();
  await expect.poll(() => begun).toBe(3);
  const stopped = periodic.stop();
  finish();
  await stopped;
  expect({ begun, underWay, mostUnderWay }).toEqual({ begun: 3, underWay: 0, mostUnderWay: 1 });
});
