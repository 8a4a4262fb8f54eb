import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { exitCode, Refusal } from '../../bin/lib/exit-code.mjs';
import type { StartOptions } from '../../bin/lib/start-options.mjs';
import type { Child } from '../child.js';
import type { Children } from '../children.js';
import { anyFreePort } from '../ports.js';
import { withLastLines } from '../readiness.js';
import { askRedis, withoutPassword } from './redis-probe.js';
import { findRedisProgram } from './redis-program.js';

export interface ProvidedRedis {
  url: string;
  origin: string;
  /** Absent when it is somebody else's. */
  child?: Child;
}

interface Surroundings {
  children: Children;
  cacheFolder: string;
  runFolder: string;
  step: (text: string) => void;
  stopped: AbortSignal;
}

const startDeadlineMs = 10_000;
const pollMs = 25;

/** The Redis of REDIS_URL once it answers, or one of our own: private port, in memory, gone with the run. */
export async function provideRedis(
  options: StartOptions,
  surroundings: Surroundings,
): Promise<ProvidedRedis> {
  const { children, runFolder, stopped, step } = surroundings;
  if (options.redisUrl !== undefined) {
    step('asking Redis');
    await requireRedis(options.redisUrl);
    return { url: options.redisUrl, origin: 'REDIS_URL' };
  }

  const program = await findRedisProgram({ ...surroundings, env: options.inherited });
  step('starting Redis');
  const port = await anyFreePort();
  const folder = join(runFolder, 'redis');
  await mkdir(folder);
  const child = children.start({
    role: 'redis',
    id: 'redis',
    file: program.file,
    args: [
      '--bind',
      '127.0.0.1',
      '--port',
      String(port),
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'no',
    ],
    env: { ...options.inherited, ...program.env },
    logFile: join(runFolder, 'redis.log'),
  });
  const url = `redis://127.0.0.1:${port}`;
  await untilItAnswers(url, child, stopped);
  return { url, origin: program.origin, child };
}

async function requireRedis(url: string): Promise<void> {
  const answer = await askRedis(url);
  switch (answer.kind) {
    case 'fit':
      return;
    case 'too-old':
      throw new Refusal(exitCode.unavailable, answer.sentence);
    case 'silent':
      throw new Refusal(
        exitCode.unavailable,
        `No Redis answers at ${withoutPassword(url)} (${answer.reason}): start one there, correct REDIS_URL, ` +
          'or unset it and npm start brings its own.',
      );
  }
}

async function untilItAnswers(url: string, child: Child, stopped: AbortSignal): Promise<void> {
  const giveUpAt = Date.now() + startDeadlineMs;
  for (;;) {
    stopped.throwIfAborted();
    if (child.exit) {
      throw new Refusal(exitCode.internal, await withLastLines('redis ended as it started', child));
    }
    const answer = await askRedis(url);
    if (answer.kind === 'fit') return;
    if (answer.kind === 'too-old') throw new Refusal(exitCode.unavailable, answer.sentence);
    if (Date.now() > giveUpAt) {
      throw new Refusal(exitCode.internal, await withLastLines('redis runs but does not answer', child));
    }
    await pause(pollMs);
  }
}
