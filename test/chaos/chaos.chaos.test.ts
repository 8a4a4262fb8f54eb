import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isSetForRun, numberFromRun } from '../support/environment.js';
import { mediaOperations } from './media-operations.js';
import { operations as nodeOperations } from './operations.js';
import { Random } from './random.js';
import { storyOf } from './story.js';
import { World } from './world.js';

const seed = numberFromRun('CHAOS_SEED', 1);
const seconds = numberFromRun('CHAOS_SECONDS', 60);
const nodes = numberFromRun('CHAOS_NODES', 3);
const mediaServers = numberFromRun('CHAOS_MEDIA_SERVERS', 2);
const hasMediaFaults = !isSetForRun('CHAOS_NODES_ONLY');
const operations = hasMediaFaults ? [...nodeOperations, ...mediaOperations] : nodeOperations;
const isUnfenced = isSetForRun('CHAOS_WITHOUT_FENCE');

/** R-OWN-6: from the last fault on. */
const settleMs = 30_000;
/**
 * Consent expires, the watching controller asks, the session ends. Where it was a presenter's, a page without a node sees
 * that in turn only when its own consent expires.
 */
const silenceMs = 80_000;
const say = (text: string) => process.stdout.write(`  ${text}\n`);

it(`[R-ROOM-1] [R-OWN-1] [R-OWN-3] [R-OWN-6] [R-BUS-1] hold through seed ${seed}, for ${seconds} s`, async () => {
  const random = new Random(seed);
  const world = await World.start(random, { nodes, mediaServers, rooms: 4, isUnfenced, hasMediaFaults });
  const counts = new Map<string, number>();
  try {
    const beganAt = performance.now();
    const elapsed = () => ((performance.now() - beganAt) / 1_000).toFixed(1).padStart(6);
    while (performance.now() - beganAt < seconds * 1_000) {
      const operation = random.weighted(operations);
      const what = operation.run(world);
      if (what) {
        counts.set(operation.name, (counts.get(operation.name) ?? 0) + 1);
        say(`${elapsed()} s  ${operation.name}: ${what}`);
      }
      await pause(random.between(20, 500));
    }
    await world.untilWhole();
    say(`${elapsed()} s  everything is whole again, with ${world.census()}`);

    const left = await untilRight(world, () => world.problems());
    for (const problem of left) world.violations.add(problem);
    const faults = operations.filter(({ isFault }) => isFault).map(({ name }) => name);
    const sum = (matches: (name: string) => boolean) =>
      [...counts].reduce((total, [name, count]) => total + (matches(name) ? count : 0), 0);
    say(`operations: ${sum(name => !faults.includes(name))}, faults: ${sum(name => faults.includes(name))}`);
    for (const [name, count] of counts) say(`  ${name}: ${count}`);

    await endEverything(world);
  } finally {
    for (const room of world.rooms.filter(name => [...world.violations].some(text => text.includes(name))))
      for (const line of storyOf(room, world.cluster.logs)) say(line);
    for (const violation of world.violations) say(`VIOLATION (seed ${seed}) ${violation}`);
    say(
      `violations: ${world.violations.size}; again with: npm run chaos -- --seed ${seed} --seconds ${seconds}${hasMediaFaults ? '' : ' --faults nodes'}`,
    );
    await world.stop();
  }
  expect([...world.violations]).toEqual([]);
});

/** What is still wrong when the time is over. */
async function untilRight(world: World, problems: () => Promise<string[]>): Promise<string[]> {
  const deadline = Math.max(performance.now() + settleMs, world.lastSilentLeaveAt + silenceMs);
  for (;;) {
    const found = await problems();
    if (found.length === 0 || performance.now() > deadline) return found;
    await pause(500);
  }
}

/** Every presenter leaves: each viewer is told exactly once (R-ROOM-4, R-BUS-1). Then everybody does, and nothing is left. */
async function endEverything(world: World): Promise<void> {
  const viewers = world.participants.filter(({ order, isIn }) => isIn && order.role === 'viewer');
  const before = new Map(viewers.map(viewer => [viewer, endsTold(viewer.told)]));
  for (const participant of world.participants)
    if (participant.isIn && participant.order.role === 'presenter') participant.leave();
  for (const guest of world.guests.filter(({ role }) => role === 'presenter')) world.removeGuest(guest);
  const untold = await untilRight(world, async () =>
    viewers
      .filter(viewer => endsTold(viewer.told) !== (before.get(viewer) ?? 0) + 1)
      .map(viewer => `R-BUS-1: ${viewer.name} was not told once of the end, but: ${viewer.told.join(', ')}`),
  );
  for (const problem of untold) world.violations.add(problem);
  for (const participant of world.participants) participant.leave();
  for (const guest of [...world.guests]) world.removeGuest(guest);
  for (const problem of await untilRight(world, () => world.problems())) world.violations.add(problem);
}

const endsTold = (told: string[]): number => told.filter(what => what === 'presenter-left').length;
