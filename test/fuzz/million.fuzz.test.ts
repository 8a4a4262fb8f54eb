import { describe, expect, it } from 'vitest';
import { numberFromRun } from '../support/environment.js';
import { printFigure } from '../support/figures.js';
import { freePort } from '../support/free-port.js';
import { Stage } from '../support/stage.js';
import { fuzzInParts } from './fuzz-in-parts.js';
import { fuzzedRooms, mediaTarget, nodeTarget } from './targets.js';

const run = {
  frames: numberFromRun('FUZZ_FRAMES', 1_000_000),
  deadlineMs: numberFromRun('FUZZ_SECONDS', 600) * 1_000,
  seed: numberFromRun('FUZZ_SEED', 1),
};
const [nodeInspector, mediaInspector] = [await freePort(), await freePort()];

describe('a million hostile frames', () => {
  // Otherwise most of them would come after the close that the hundredth invalid one ends in.
  const stage = new Stage({
    env: {
      MANYCAST_MAX_ERRORS: '1000',
      MANYCAST_MAX_MESSAGES_PER_S: '10000',
      NODE_OPTIONS: `--inspect=127.0.0.1:${nodeInspector}`,
    },
    mediaEnv: { NODE_OPTIONS: `--inspect=127.0.0.1:${mediaInspector}` },
    collectorPeriodMs: 2_000,
  });

  /** Rooms in which nobody can present any more, of those that the frames named. */
  async function stuckRooms(): Promise<string[]> {
    const stuck: string[] = [];
    for (const room of fuzzedRooms) {
      const wire = await stage.wire(0);
      const offer = { id: 'presenter', sdpOffer: stage.offers.presenter, room };
      const { response } = await wire.ask(offer, 'presenterResponse');
      if (response !== 'accepted') stuck.push(room);
      wire.send({ id: 'stop' });
      await wire.close();
    }
    return stuck;
  }

  const expectLevel = ({
    grownUsedMb,
    grownResidentMb,
  }: {
    grownUsedMb: number;
    grownResidentMb: number;
  }) => {
    expect(grownUsedMb, 'MB that the second half has kept').toBeLessThan(6);
    expect(grownResidentMb, 'MB that are resident since').toBeLessThan(40);
  };

  it('to a node: no crash, no stuck room, no memory that stays', async () => {
    const node = stage.node(0);
    const fuzzed = await fuzzInParts(nodeTarget(node, stage.offers), {
      ...run,
      inspectorPort: nodeInspector,
      httpUrl: node.httpUrl,
      untilAtRest: () => stage.untilFigures({ sockets: 0, sessions: 0, pipelines: 0, endpoints: 0 }, 30_000),
    });
    const stuck = await stuckRooms();
    await stage.servesFreshBroadcast();
    printFigure('crashes, stuck rooms', `${node.process.isRunning() ? 0 : 1}, ${stuck.length}`);
    expect(stuck).toEqual([]);
    expect(fuzzed.sent).toBeGreaterThanOrEqual(run.frames);
    expectLevel(fuzzed);
  });

  it('to a media server, a fifth as many: it lives, and collects what was left', async () => {
    const [media] = stage.cluster.media;
    if (!media) throw new Error('there is no media server');
    const fuzzed = await fuzzInParts(mediaTarget(media), {
      ...run,
      frames: Math.ceil(run.frames / 5),
      inspectorPort: mediaInspector,
      httpUrl: `http://127.0.0.1:${media.port}`,
      untilAtRest: async () => {
        await stage.cluster.releaseEverything();
        await stage.untilFigures({ pipelines: 0, endpoints: 0 }, 30_000);
      },
    });
    await stage.servesFreshBroadcast();
    printFigure('crashes', media.process.isRunning() ? 0 : 1);
    expect(media.process.isRunning()).toBe(true);
    expectLevel(fuzzed);
  });
});
