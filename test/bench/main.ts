import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drawing } from '../support/line-plot.js';
import { stopWebRtc } from '../support/webrtc-peer.js';
import { benchmarks } from './all.js';
import type { Benchmark, RunOptions } from './benchmark.js';
import { MachineLoad } from './machine-load.js';
import { jsonLines, table } from './report.js';
import { Stand } from './stand.js';

const usage = `npm run bench -- [NAME…] [--json] [--quick] [--peer-url URL] [--plots FOLDER]
  --json      one line per figure on stdout: {"bench","ours","peer","ratio","unit"}
  --quick     under 50 s each
  --peer-url  a server that speaks the tutorial’s wire, instead of our own writing of it (joins)
  --plots     where to write NAME.svg of those that have one
${benchmarks.map(({ names, about }) => `  ${names.join(', ').padEnd(18)} ${about}`).join('\n')}
`;

interface Order extends RunOptions {
  chosen: Benchmark[];
  isJson: boolean;
  plots: string | undefined;
}

/** Throws an Error that says what is wrong with the arguments. */
function order(argv: readonly string[]): Order {
  const rest = [...argv];
  const names: string[] = [];
  const read: Order = { chosen: [], isJson: false, isQuick: false, peerUrl: undefined, plots: undefined };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--json') read.isJson = true;
    else if (word === '--quick') read.isQuick = true;
    else if (word === '--peer-url') {
      read.peerUrl = rest.shift();
      if (!/^wss?:\/\/./.test(read.peerUrl ?? ''))
        throw new Error('--peer-url needs an address ws://… or wss://…');
    } else if (word === '--plots') {
      read.plots = rest.shift();
      if (read.plots === undefined) throw new Error('--plots needs a folder');
    } else if (word.startsWith('-')) throw new Error(`unknown flag ${word}`);
    else names.push(word);
  }
  const unknown = names.filter(name => !benchmarks.some(each => each.names.includes(name)));
  if (unknown.length > 0) throw new Error(`there is no benchmark ${unknown.join(', ')}`);
  read.chosen = benchmarks.filter(
    each => names.length === 0 || each.names.some(name => names.includes(name)),
  );
  return read;
}

async function runOne(benchmark: Benchmark, options: Order): Promise<void> {
  // With --json stdout is the figures’ alone.
  const say = (text: string) => void (options.isJson ? process.stderr : process.stdout).write(`${text}\n`);
  say(`\n${benchmark.names.join(', ')}: ${benchmark.about}`);
  const load = new MachineLoad();
  const stand = new Stand();
  const startedAt = performance.now();
  try {
    const figures = await benchmark.run(stand, options);
    say(table(figures));
    for (const note of stand.notes) say(`  ${note}`);
    say(`${Math.round((performance.now() - startedAt) / 1_000)} s; ${load.describe()}`);
    if (options.isJson) process.stdout.write(jsonLines(figures));
    if (options.plots && stand.plot) {
      await mkdir(options.plots, { recursive: true });
      await writeFile(join(options.plots, `${benchmark.names[0]}.svg`), drawing(stand.plot));
    }
  } finally {
    await stand.end();
  }
}

async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  let options: Order;
  try {
    options = order(argv);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return 64;
  }
  let failed = 0;
  for (const benchmark of options.chosen) {
    await runOne(benchmark, options).catch(error => {
      failed += 1;
      process.stderr.write(`${benchmark.names.join(', ')} failed: ${error.stack ?? error}\n`);
    });
  }
  stopWebRtc();
  return failed === 0 ? 0 : 1;
}

process.exit(await main(process.argv.slice(2)));
