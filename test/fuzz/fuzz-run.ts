import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random } from '../chaos/random.js';
import { hostileFrames } from './hostile-bytes.js';
import { type Ending, sendHostile } from './hostile-client.js';

const folder = fileURLToPath(new URL('./corpus', import.meta.url));

export interface Target {
  /** Part of the names of its cases. */
  name: string;
  port: number;
  path: string;
  /** What an honest client sends: hostile ones start from it. */
  messages: readonly string[];
  /** Whether the server still runs. */
  isAlive(): boolean;
}

/** A case that is kept: its bytes, and how the client ended. */
interface Case {
  why: string;
  ending: Ending;
  mustClose: boolean;
  /** Base 64, without the handshake. */
  bytes: string;
}

const endings: Ending[] = ['close', 'close', 'close', 'reset', 'half-close', 'stop-reading'];
const framesPerConnection = 120;
const atOnce = 16;

/** Sends that many frames from one seed; what breaks the server is written into the corpus. Returns how many of each kind. */
export async function fuzz(
  target: Target,
  { seed, frames, deadlineMs }: { seed: number; frames: number; deadlineMs: number },
): Promise<{ sent: number; connections: number; kinds: Record<string, number> }> {
  const random = new Random(seed);
  const kinds: Record<string, number> = {};
  const untilMs = Date.now() + deadlineMs;
  let sent = 0;
  let connections = 0;
  const one = async () => {
    while (sent < frames && Date.now() < untilMs) {
      const list = hostileFrames(random, target.messages, random.between(1, framesPerConnection));
      const ending = random.pick(endings) as Ending;
      sent += list.length;
      connections += 1;
      for (const { kind } of list) kinds[kind] = (kinds[kind] ?? 0) + 1;
      const bytes = Buffer.concat(list.map(each => each.bytes));
      // What is cut short is only waited for, and so is a length that noise may mean.
      const last = list.at(-1);
      const mustClose = last?.isFatal === true && !/shorter|noise/.test(last.kind);
      await play(target, { ending, mustClose, bytes }, `seed ${seed}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return { sent, connections, kinds };
}

/** Every case that was ever kept for this target. */
export async function replayCorpus(target: Target): Promise<number> {
  const files = readdirSync(folder).filter(file => file.startsWith(`${target.name}-`));
  for (const file of files) {
    const { ending, mustClose, bytes } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Case;
    await play(target, { ending, mustClose, bytes: Buffer.from(bytes, 'base64') }, file);
  }
  return files.length;
}

async function play(
  target: Target,
  { ending, mustClose, bytes }: { ending: Ending; mustClose: boolean; bytes: Buffer },
  from: string,
): Promise<void> {
  try {
    await sendHostile(target, bytes, { ending, mustClose });
    if (!target.isAlive()) throw new Error(`${target.name} has died`);
  } catch (error) {
    const why = `${(error as Error).message} (${from})`;
    const kept: Case = { why, ending, mustClose, bytes: bytes.toString('base64') };
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${target.name}-${Date.now()}.json`), `${JSON.stringify(kept, null, 2)}\n`);
    throw new Error(`${why}; the case is in test/fuzz/corpus`, { cause: error });
  }
}
