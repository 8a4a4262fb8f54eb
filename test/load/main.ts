import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stopWebRtc } from '../support/webrtc-peer.js';
import { type LoadOrder, readOrder, usage } from './order.js';
import { Participant } from './participant.js';
import { figuresOf, reportPage, rowsOf } from './report.js';
import { Timeline } from './timeline.js';

/** How long the others may take to leave. */
const goodbyeMs = 1_000;

async function run(order: LoadOrder): Promise<number> {
  const timeline = new Timeline();
  const participants: Participant[] = [];
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const kills = order.kills.map(({ pid, atSecond }) => setTimeout(() => kill(pid), 1_000 * atSecond));
  const kill = (pid: number) => {
    try {
      process.kill(pid, 'SIGKILL');
      timeline.kills.push({ atMs: timeline.nowMs, pid });
    } catch (error) {
      process.stderr.write(`process ${pid} was not killed: ${(error as Error).message}\n`);
    }
  };
  const { rooms, viewers, rate, seconds } = order;
  // Names of this run: a room whose presenter is somebody else's would refuse ours.
  const run = Date.now().toString(36);
  const total = rooms * (1 + viewers);
  const join = (index: number) => {
    const role = index < rooms ? 'presenter' : 'viewer';
    participants.push(new Participant(role, `load-${run}-${index % rooms}`, order, timeline));
  };
  while (participants.length < total && !stop.signal.aborted) {
    const due = Math.min(total, Math.ceil((timeline.nowMs * rate) / 1_000));
    while (participants.length < due) join(participants.length);
    await pause(5);
  }
  await pause(1_000 * seconds, undefined, { signal: stop.signal }).catch(() => {});
  for (const timer of kills) clearTimeout(timer);
  const figures = figuresOf(timeline, participants.filter(({ isLive }) => isLive).length);
  // Ctrl-C, too, ends with what was seen until then.
  const file = resolve(process.env.INIT_CWD ?? '.', order.report);
  await writeFile(file, reportPage(order, timeline, figures));
  if (order.isJson)
    process.stdout.write(`${JSON.stringify({ ...figures, codes: Object.fromEntries(timeline.codes) })}\n`);
  else {
    for (const [name, value] of rowsOf(figures)) process.stdout.write(`${name.padEnd(28)} ${value}\n`);
    for (const [code, count] of timeline.codes)
      process.stdout.write(`${`told: ${code}`.padEnd(28)} ${count}\n`);
    process.stdout.write(`report: ${file}\n`);
  }
  for (const participant of participants) participant.leave();
  await pause(goodbyeMs);
  return figures.answered === total && figures.live === total ? 0 : 1;
}

async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  let order: LoadOrder;
  try {
    order = readOrder(argv);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return 64;
  }
  const code = await run(order);
  if (order.isMedia) stopWebRtc();
  return code;
}

process.exit(await main(process.argv.slice(2)));
