import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCode, Refusal } from '../../bin/lib/exit-code.mjs';
import { findOnPath } from '../../bin/lib/path-search.mjs';
import type { Environment } from '../../bin/lib/start-options.mjs';
import { unpackFromDebian } from './debian-redis.js';
import { redisInstallLine } from './install-line.js';

/** A Redis server that can be started, and what its environment needs on top of the inherited one. */
export interface RedisProgram {
  file: string;
  env: Record<string, string>;
  /** Where it came from, for the table. */
  origin: string;
}

interface Surroundings {
  env: Environment;
  cacheFolder: string;
  step: (text: string) => void;
  stopped: AbortSignal;
}

/** From PATH, else from Debian's packages without installing anything, else a refusal with the line to type. */
export async function findRedisProgram(surroundings: Surroundings): Promise<RedisProgram> {
  const { env } = surroundings;
  const onPath = findOnPath('redis-server', env.PATH) ?? findOnPath('valkey-server', env.PATH);
  if (onPath) return { file: onPath, env: {}, origin: onPath };

  let obstacle = '';
  if (findOnPath('apt-get', env.PATH) && findOnPath('dpkg-deb', env.PATH)) {
    try {
      return await unpackFromDebian({ ...surroundings, folder: join(surroundings.cacheFolder, 'redis') });
    } catch (cause) {
      surroundings.stopped.throwIfAborted();
      obstacle = ` (Debian's package could not be had either: ${(cause as Error).message})`;
    }
  }
  const osRelease = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const line = redisInstallLine(process.platform, osRelease);
  throw new Refusal(
    exitCode.unavailable,
    `There is no redis-server here${obstacle}: install it with "${line}", or name a running one with ` +
      'REDIS_URL=redis://host:6379.',
  );
}
