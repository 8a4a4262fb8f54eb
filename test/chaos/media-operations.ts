import type { Operation } from './operations.js';
import type { World } from './world.js';

/** Something that is done to one media server, as long as another is left alone. */
const toOne =
  (act: (world: World, index: number) => { what: string; work: Promise<unknown> }) =>
  (world: World): string | undefined => {
    const index = world.media.pick(world.random);
    if (index === undefined) return undefined;
    const { what, work } = act(world, index);
    // A page whose node is gone learns from its media alone that it is over.
    world.noteSilence();
    world.inBackground(work.finally(() => world.noteSilence()));
    return `${world.media.nameOf(index)} ${what}`;
  };

const faults: Omit<Operation, 'isFault'>[] = [
  {
    name: 'kill -9 of a media server',
    weight: 4,
    run: toOne(({ random, media }, index) => {
      const awayMs = random.between(200, 8_000);
      return { what: `again after ${awayMs} ms`, work: media.restart(index, 'SIGKILL', awayMs) };
    }),
  },
  {
    name: 'a media server restarts in order',
    weight: 2,
    run: toOne(({ random, media }, index) => {
      const awayMs = random.between(0, 2_000);
      return { what: `again after ${awayMs} ms`, work: media.restart(index, 'SIGTERM', awayMs) };
    }),
  },
  {
    name: 'a media server stands still',
    weight: 4,
    run: toOne(({ random, media }, index) => {
      const stillMs = random.between(300, 9_000);
      return { what: `for ${stillMs} ms`, work: media.standStill(index, stillMs) };
    }),
  },
  {
    name: 'a media server fails as it is told',
    weight: 5,
    run: toOne(({ random, media }, index) => {
      const forMs = random.between(300, 6_000);
      const order = random.pick(['silent', 'slow=150', `drop=${forMs}`, 'restart']) as string;
      return { what: `${order}, for ${forMs} ms`, work: media.fail(index, order, forMs) };
    }),
  },
  {
    name: 'a media server is drained, and undrained',
    weight: 5,
    run: toOne(({ random, media }, index) => {
      const [deadlineMs, afterMs] = [random.between(1_000, 12_000), random.between(500, 6_000)];
      return {
        what: `within ${deadlineMs} ms, undrained after ${afterMs} ms`,
        work: media.drain(index, deadlineMs, afterMs),
      };
    }),
  },
];

/** What befalls media servers. */
export const mediaOperations: Operation[] = faults.map(operation => ({ ...operation, isFault: true }));
