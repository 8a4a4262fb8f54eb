import { expect, it } from 'vitest';
import { readOrder } from './order.js';

const least = ['--rooms', '2', '--viewers', '10', '--nodes', 'http://localhost:8080'];

it('takes rooms, viewers and nodes, and has a default for the rest', () => {
  expect(readOrder(least)).toMatchObject({
    rooms: 2,
    viewers: 10,
    rate: 20,
    seconds: 10,
    isMedia: false,
    kills: [],
  });
});

it('takes several kills', () => {
  const { kills } = readOrder([...least, '--kill', '4711@5', '--kill', '4712@9']);
  expect(kills).toEqual([
    { pid: 4711, atSecond: 5 },
    { pid: 4712, atSecond: 9 },
  ]);
});

it.each([
  [['--viewers', '10', '--nodes', 'http://a'], '--rooms needs a whole number'],
  [[...least, '--rate', '0'], '--rate needs a whole number from 1'],
  [[...least, '--kill', '1@5'], '--kill needs a process id'],
  [['--rooms', '1', '--viewers', '1', '--nodes', 'localhost'], '--nodes needs addresses'],
  [[...least, '--speed', '1'], 'unknown flag --speed'],
])('%j: %s', (argv, problem) => {
  expect(() => readOrder(argv)).toThrow(problem);
});
