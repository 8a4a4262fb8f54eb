import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Cluster, Redis } from 'ioredis';
import { guard } from './guard.js';

export type RedisClient = Redis | Cluster;

/**
 * One Lua file of ./scripts as a function. Inside, `keys.<name>` are the keys and `args.<name>` the arguments;
 * what the script returns is a table that becomes the result. `includes` are files put before it.
 * Throws SignalError `unavailable` when Redis cannot be asked.
 */
export function defineScript<Key extends string, Args extends object, Result>(
  file: string,
  keyNames: readonly Key[],
  includes: readonly string[] = [],
): (redis: RedisClient, keys: Record<Key, string>, args: Args) => Promise<Result> {
  const named = keyNames.map((name, index) => `${name} = KEYS[${index + 1}]`).join(', ');
  const body = [...includes, file].map(read).join('\n');
  const source = `local keys = { ${named} }\nlocal args = cjson.decode(ARGV[1])\nlocal function run()\n${body}\nend\nreturn cjson.encode(run())`;
  const sha = createHash('sha1').update(source).digest('hex');

  return async (redis, keys, args) => {
    const values = keyNames.map(name => keys[name]);
    const argument = JSON.stringify(args);
    const reply = await guard(async () => {
      try {
        return await redis.evalsha(sha, values.length, ...values, argument);
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        return await redis.eval(source, values.length, ...values, argument);
      }
    });
    return JSON.parse(String(reply)) as Result;
  };
}

const read = (file: string): string => readFileSync(new URL(`./scripts/${file}`, import.meta.url), 'utf8');
