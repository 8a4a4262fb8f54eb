import { WebSocket } from 'ws';
import { exitCode, Refusal } from '../bin/lib/exit-code.mjs';

const deadlineMs = 3000;

/** Every server must answer a ping; the refusal names those that do not. */
export async function probeMediaServers(urls: string[]): Promise<void> {
  const answers = await Promise.all(
    urls.map(async url => ({ url, problem: await ping(url).then(() => '', reason) })),
  );
  const silent = answers.filter(answer => answer.problem !== '');
  if (silent.length === 0) return;
  const named = silent.map(({ url, problem }) => `${url} (${problem})`).join(', ');
  throw new Refusal(exitCode.unavailable, `No Kurento Media Server answers at ${named}: check --kms.`);
}

/** Kurento answers `ping` with or without a session: design of its JSON-RPC protocol. */
async function ping(url: string): Promise<void> {
  const socket = new WebSocket(url);
  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no answer within ${deadlineMs / 1000} s`)), deadlineMs);
      socket.once('close', () => clearTimeout(late));
      socket.on('error', reject);
      socket.once('close', () => reject(new Error('it closed the connection')));
      socket.once('open', () => {
        socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: {} }));
      });
      socket.once('message', data => {
        if (isReply(String(data))) resolve();
        else reject(new Error('what answers there does not speak JSON-RPC'));
      });
    });
  } finally {
    socket.terminate();
  }
}

function isReply(text: string): boolean {
  try {
    const reply: unknown = JSON.parse(text);
    return typeof reply === 'object' && reply !== null && 'jsonrpc' in reply;
  } catch {
    return false;
  }
}

function reason(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  // A name that resolves to several addresses fails with an AggregateError that has a code and no message.
  return message || code || String(cause);
}
