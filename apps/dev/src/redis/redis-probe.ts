import { Redis } from 'ioredis';

const deadlineMs = 3000;
/** Sharded pub/sub came with Redis 7.0. */
const oldestMajor = 7;

export type RedisAnswer =
  | { kind: 'fit' }
  | { kind: 'silent'; reason: string }
  | { kind: 'too-old'; sentence: string };

/** Asks whether a Redis that is new enough answers at `url`. */
export async function askRedis(url: string): Promise<RedisAnswer> {
  let version: string | undefined;
  try {
    version = await askVersion(url);
  } catch (cause) {
    return { kind: 'silent', reason: reason(cause) };
  }
  if (version === undefined || Number.parseInt(version, 10) >= oldestMajor) return { kind: 'fit' };
  const at = withoutPassword(url);
  const sentence = `The Redis at ${at} is version ${version}; Manycast needs ${oldestMajor}.0 or newer.`;
  return { kind: 'too-old', sentence };
}

/** Absent when the server answers but keeps INFO to itself, as some hosted ones do. */
async function askVersion(url: string): Promise<string | undefined> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: deadlineMs,
    // The default holds the process for 2 s more, even on a link that has ended already.
    disconnectTimeout: 100,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
  });
  let lastError: unknown;
  redis.on('error', error => {
    lastError = error;
  });
  let late: NodeJS.Timeout | undefined;
  try {
    const deadline = new Promise<never>((_, reject) => {
      const error = new Error(`no answer within ${deadlineMs / 1000} s`);
      late = setTimeout(() => reject(error), deadlineMs);
    });
    await Promise.race([redis.connect().then(() => redis.ping()), deadline]);
    const info = await Promise.race([redis.info('server').catch(() => ''), deadline]);
    return /^redis_version:(\S+)/m.exec(info)?.[1];
  } catch (cause) {
    throw lastError ?? cause;
  } finally {
    clearTimeout(late);
    redis.disconnect();
  }
}

function reason(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return message || code || String(cause);
}

/** For tables and sentences: logs and terminals are no place for passwords. */
export function withoutPassword(url: string): string {
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  return shown.href.replace(/\/$/, '');
}
