import { describe, expect, it } from 'vitest';
import { GarbageCollector } from '../soak/garbage-collector.js';
import { numberFromRun } from '../support/environment.js';
import { printFigure } from '../support/figures.js';
import { freePort } from '../support/free-port.js';
import { readMetric } from '../support/metric.js';
import { Stage } from '../support/stage.js';
import { fuzz, replayCorpus } from './fuzz-run.js';
import { fuzzedRooms, mediaTarget, nodeTarget } from './targets.js';

const run = {
  frames: numberFromRun('FUZZ_FRAMES', 1_000_000),
  deadlineMs: numberFromRun('FUZZ_SECONDS', 600) * 1_000,
  seed: numberFromRun('FUZZ_SEED', 1),
};
const megabytes = async (url: string) =>
  Math.round((await readMetric(url, 'process_resident_memory_bytes')) / 1_048_576);
const shown = (values: number[]) => values.map(value => value.toFixed(1)).join(' ');
const inspectorPort = await freePort();
/** The node rests after each, and its garbage is collected: what is left then has been kept. */
const parts = 10;

describe('a million hostile frames', () => {
  // Otherwise most of them would come after the close that the hundredth invalid one ends in.
  const stage = new Stage({
    env: {
      MANYCAST_MAX_ERRORS: '1000',
      MANYCAST_MAX_MESSAGES_PER_S: '10000',
      NODE_OPTIONS: `--inspect=127.0.0.1:${inspectorPort}`,
    },
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

  it('to a node: no crash, no stuck room, no memory that stays', async () => {
    const node = stage.node(0);
    const target = nodeTarget(node, stage.offers);
    const garbage = await GarbageCollector.of(inspectorPort);
    const kept = await replayCorpus(target);
    const total = { sent: 0, connections: 0, kinds: {} as Record<string, number> };
    const [used, resident]: [number[], number[]] = [[], []];
    const untilMs = Date.now() + run.deadlineMs;
    const begunMs = Date.now();
    for (let part = 0; part <= parts; part += 1) {
      if (part > 0) {
        const { sent, connections, kinds } = await fuzz(target, {
          seed: run.seed + part - 1,
          frames: Math.ceil(run.frames / parts),
          deadlineMs: Math.max(1, untilMs - Date.now()),
        });
        total.sent += sent;
        total.connections += connections;
        for (const [kind, count] of Object.entries(kinds))
          total.kinds[kind] = (total.kinds[kind] ?? 0) + count;
      }
      await stage.untilFigures({ sockets: 0, sessions: 0, pipelines: 0, endpoints: 0 }, 30_000);
      used.push((await garbage.usedBytes()) / 1_048_576);
      resident.push((await readMetric(node.httpUrl, 'process_resident_memory_bytes')) / 1_048_576);
    }
    const seconds = Math.round((Date.now() - begunMs) / 1_000);
    garbage.close();
    const stuck = await stuckRooms();
    await stage.servesFreshBroadcast();
    printFigure(
      'hostile frames to a node',
      `${total.sent} in ${total.connections} connections and ${seconds} s, seeds ${run.seed} to ${run.seed + parts - 1}, and ${kept} kept cases`,
    );
    printFigure('of each kind', JSON.stringify(total.kinds));
    printFigure('crashes, stuck rooms', `${node.process.isRunning() ? 0 : 1}, ${stuck.length}`);
    printFigure('MB in use at rest, before and after each tenth', shown(used));
    printFigure('MB resident, likewise', shown(resident));
    expect(stuck).toEqual([]);
    expect(total.sent).toBeGreaterThanOrEqual(run.frames);
    const grown = (values: number[]) => (values.at(-1) as number) - (values[parts / 2] as number);
    expect(grown(used), 'MB that the second half has kept').toBeLessThan(4);
    expect(grown(resident), 'MB that are resident after the second half and were not before').toBeLessThan(
      60,
    );
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
