import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

const deadlineMs = 3000;
/** Sharded pub/sub came with Redis 7.0. */
const oldestMajor = 7;

export type RedisAnswer =
  | { kind: 'fit' }
  | { kind: 'silent'; reason: string }
  | { kind: 'too-old'; sentence: string };

/**
 * Asks whether a Redis that is new enough answers at `url`. The question is asked by hand: it takes three commands,
 * and a client library would be a second place that speaks to Redis.
 */
export async function askRedis(url: string): Promise<RedisAnswer> {
  let text: string;
  try {
    text = await converse(new URL(url));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    // A name with several addresses fails with an AggregateError that has a code and no message.
    return { kind: 'silent', reason: message || code || String(cause) };
  }
  if (!text.includes('+PONG\r\n')) {
    const complaint = /^-(.*)\r$/m.exec(text)?.[1];
    return { kind: 'silent', reason: complaint ?? 'what answers there is not Redis' };
  }
  // Some hosted ones keep INFO to themselves; they get the benefit of the doubt.
  const version = /^redis_version:(\S+)/m.exec(text)?.[1];
  if (version === undefined || Number.parseInt(version, 10) >= oldestMajor) return { kind: 'fit' };
  const at = withoutPassword(url);
  const sentence = `The Redis at ${at} is version ${version}; Manycast needs ${oldestMajor}.0 or newer.`;
  return { kind: 'too-old', sentence };
}

/** Everything that the server says until it hangs up, which QUIT asks it to do. */
function converse(url: URL): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || 6379);
  const isTls = url.protocol === 'rediss:';
  const socket = isTls ? connectTls({ host, port, servername: host }) : connect({ host, port });
  const commands = [...authentication(url), ['PING'], ['INFO', 'server'], ['QUIT']];
  return new Promise<string>((resolve, reject) => {
    let text = '';
    const late = setTimeout(() => reject(new Error(`no answer within ${deadlineMs / 1000} s`)), deadlineMs);
    socket.setEncoding('utf8').on('data', data => {
      text += data;
    });
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(late);
      resolve(text);
    });
    socket.write(commands.map(encode).join(''));
  }).finally(() => socket.destroy());
}

function authentication({ username, password }: URL): string[][] {
  if (password === '') return [];
  const user = username === '' ? [] : [decodeURIComponent(username)];
  return [['AUTH', ...user, decodeURIComponent(password)]];
}

/** A command in the Redis serialization protocol. */
function encode(words: string[]): string {
  const parts = words.map(word => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join('')}`;
}

/** For tables and sentences: logs and terminals are no place for passwords. */
export function withoutPassword(url: string): string {
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  return shown.href.replace(/\/$/, '');
}
