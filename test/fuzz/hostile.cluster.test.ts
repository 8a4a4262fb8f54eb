import { describe, expect, it } from 'vitest';
import { printFigure } from '../support/figures.js';
import { Stage } from '../support/stage.js';
import { fuzz, replayCorpus } from './fuzz-run.js';
import { mediaTarget, nodeTarget } from './targets.js';

// `npm run fuzz` does a million of them; here a few, and all that were ever found.
const short = { seed: 7, frames: 6_000, deadlineMs: 30_000 };

describe('hostile bytes on the raw socket', () => {
  const stage = new Stage({ env: { MANYCAST_MAX_ERRORS: '1000' }, collectorPeriodMs: 1_000 });

  it('of clients: the node lives, closes what it has to, keeps no room, and serves on', async () => {
    const target = nodeTarget(stage.node(0), stage.offers);
    const cases = await replayCorpus(target);
    const { sent, connections } = await fuzz(target, short);
    printFigure('hostile frames to a node', `${sent} in ${connections} connections, and ${cases} kept cases`);
    await stage.untilFigures({ sockets: 0, sessions: 0, pipelines: 0, endpoints: 0 }, 20_000);
    await stage.servesFreshBroadcast();
  });

  it('of who should be a node: the media server lives, collects what was left, and serves on', async () => {
    const [media] = stage.cluster.media;
    if (!media) throw new Error('there is no media server');
    const target = mediaTarget(media);
    const cases = await replayCorpus(target);
    const { sent, connections } = await fuzz(target, short);
    printFigure(
      'hostile frames to a media server',
      `${sent} in ${connections} connections, and ${cases} kept cases`,
    );
    expect(media.process.isRunning()).toBe(true);
    await stage.cluster.releaseEverything();
    await stage.untilFigures({ pipelines: 0, endpoints: 0 }, 20_000);
    await stage.servesFreshBroadcast();
  });
});
