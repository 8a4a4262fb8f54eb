import { GarbageCollector } from '../soak/garbage-collector.js';
import { median, printFigure } from '../support/figures.js';
import { readMetric } from '../support/metric.js';
import { fuzz, replayCorpus, type Target } from './fuzz-run.js';

export interface PartsOptions {
  seed: number;
  frames: number;
  deadlineMs: number;
  /** Of the process that is fuzzed. */
  inspectorPort: number;
  httpUrl: string;
  /** Resolves when nobody is connected any more and nothing is left of what they did. */
  untilAtRest(): Promise<void>;
}

const parts = 10;
const megabyte = 1_048_576;

/** How much more the last three of these are than three in the middle, which are past the warm-up. */
function grown(values: readonly number[]): number {
  return median(values.slice(-3)) - median(values.slice(parts / 2 - 1, parts / 2 + 2));
}

/**
 * Sends what was kept, and then the frames in ten parts. After each the process rests and collects its garbage: what is in use
 * then has been kept. Prints what was sent and the memory; returns what the second half added, in MB.
 */
export async function fuzzInParts(target: Target, options: PartsOptions) {
  const { seed, frames, deadlineMs, inspectorPort, httpUrl, untilAtRest } = options;
  const garbage = await GarbageCollector.of(inspectorPort);
  const [used, resident]: [number[], number[]] = [[], []];
  const measure = async () => {
    await untilAtRest();
    used.push((await garbage.usedBytes()) / megabyte);
    resident.push((await readMetric(httpUrl, 'process_resident_memory_bytes')) / megabyte);
  };
  const begunMs = Date.now();
  const kept = await replayCorpus(target);
  await measure();
  const total = { sent: 0, connections: 0, kinds: {} as Record<string, number> };
  for (let part = 0; part < parts; part += 1) {
    const { sent, connections, kinds } = await fuzz(target, {
      seed: seed + part,
      frames: Math.ceil(frames / parts),
      deadlineMs: Math.max(1, begunMs + deadlineMs - Date.now()),
    });
    total.sent += sent;
    total.connections += connections;
    for (const [kind, count] of Object.entries(kinds)) total.kinds[kind] = (total.kinds[kind] ?? 0) + count;
    await measure();
  }
  garbage.close();
  const seconds = Math.round((Date.now() - begunMs) / 1_000);
  const shown = (values: number[]) => values.map(value => value.toFixed(1)).join(' ');
  printFigure(
    `hostile frames to a ${target.name}`,
    `${total.sent} in ${total.connections} connections and ${seconds} s, seeds ${seed} to ${seed + parts - 1}, and ${kept} kept cases`,
  );
  printFigure('of each kind', JSON.stringify(total.kinds));
  printFigure('MB in use at rest, before and after each tenth', shown(used));
  printFigure('MB resident, likewise', shown(resident));
  return { sent: total.sent, grownUsedMb: grown(used), grownResidentMb: grown(resident) };
}
