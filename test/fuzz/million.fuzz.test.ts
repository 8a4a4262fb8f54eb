import { describe, expect, it } from 'vitest';
import { numberFromRun } from '../support/environment.js';
import { printFigure } from '../support/figures.js';
import { readMetric } from '../support/metric.js';
import { Stage } from '../support/stage.js';
import { fuzz, replayCorpus } from './fuzz-run.js';
import { mediaTarget, nodeTarget } from './targets.js';

const run = {
  frames: numberFromRun('FUZZ_FRAMES', 1_000_000),
  deadlineMs: numberFromRun('FUZZ_SECONDS', 600) * 1_000,
  seed: numberFromRun('FUZZ_SEED', 1),
};
const megabytes = async (url: string) =>
  Math.round((await readMetric(url, 'process_resident_memory_bytes')) / 1_048_576);

describe('a million hostile frames', () => {
  // Otherwise most of them would come after the close that the hundredth invalid one ends in.
  const stage = new Stage({
    env: { MANYCAST_MAX_ERRORS: '1000', MANYCAST_MAX_MESSAGES_PER_S: '10000' },
    collectorPeriodMs: 2_000,
  });

  it('to a node: no crash, no stuck room, no memory that stays', async () => {
    const node = stage.node(0);
    const target = nodeTarget(node, stage.offers);
    await replayCorpus(target);
    await fuzz(target, { ...run, frames: 20_000 });
    const before = await megabytes(node.httpUrl);
    const { sent, connections, kinds } = await fuzz(target, run);
    await stage.untilFigures({ sockets: 0, sessions: 0, pipelines: 0, endpoints: 0 }, 30_000);
    const after = await megabytes(node.httpUrl);
    await stage.servesFreshBroadcast();
    printFigure('hostile frames to a node', `${sent} in ${connections} connections, seed ${run.seed}`);
    printFigure('of each kind', JSON.stringify(kinds));
    printFigure('crashes, stuck rooms, memory before and after', `0, 0, ${before} MB, ${after} MB`);
    expect(after - before).toBeLessThan(100);
  });

  it('to a media server, a fifth as many: it lives, and collects what was left', async () => {
    const [media] = stage.cluster.media;
    if (!media) throw new Error('there is no media server');
    const url = `http://127.0.0.1:${media.port}`;
    const target = mediaTarget(media);
    await replayCorpus(target);
    const before = await megabytes(url);
    const { sent, connections } = await fuzz(target, { ...run, frames: Math.ceil(run.frames / 5) });
    await stage.cluster.releaseEverything();
    await stage.untilFigures({ pipelines: 0, endpoints: 0 }, 30_000);
    await stage.servesFreshBroadcast();
    printFigure(
      'hostile frames to a media server',
      `${sent} in ${connections} connections; memory before and after: ${before} MB, ${await megabytes(url)} MB`,
    );
    expect(media.process.isRunning()).toBe(true);
  });
});
