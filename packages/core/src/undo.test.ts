import { SignalError } from '@manycast/protocol';
import { expect, it } from 'vitest';
import { Undo } from './undo.js';

function newUndo(giveUpAfterMs = 60_000) {
  const heard: string[] = [];
  const undo = new Undo({
    giveUpAfterMs,
    onRetry: (what, { code }) => heard.push(`retry ${what}: ${code}`),
    onGivenUp: (what, { code }) => heard.push(`given up ${what}: ${code}`),
  });
  return { undo, heard };
}

it('lets nobody wait for the end of an outage: the first failure resolves, the step goes on', async () => {
  const { undo, heard } = newUndo();
  let isAway = true;
  let isDone = false;
  await undo.run('leave', async () => {
    if (isAway) throw new SignalError('unavailable');
    isDone = true;
  });
  expect(isDone).toBe(false);
  expect(heard).toEqual(['retry leave: unavailable']);
  isAway = false;
  await undo.settled();
  expect(isDone).toBe(true);
});

it('resolves when the step is done, and counts what is gone as done', async () => {
  const { undo, heard } = newUndo();
  let isDone = false;
  await undo.run('leave', async () => {
    await new Promise(resolve => setImmediate(resolve));
    isDone = true;
  });
  expect(isDone).toBe(true);
  await undo.run('release', () => Promise.reject(new SignalError('media-gone')));
  expect(heard).toEqual([]);
});

it('gives up what cannot succeed at once, and what has not by the deadline', async () => {
  const { undo, heard } = newUndo(0);
  await undo.run('release', () => Promise.reject(new SignalError('bad-sdp')));
  await undo.run('leave', () => Promise.reject(new SignalError('unavailable')));
  expect(heard).toEqual(['given up release: bad-sdp', 'given up leave: unavailable']);
});
