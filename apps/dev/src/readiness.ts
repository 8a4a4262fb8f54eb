import { setTimeout as pause } from 'node:timers/promises';
import { exitCode, Refusal } from '../bin/lib/exit-code.mjs';
import { type Child, describeExit } from './child.js';

const deadlineMs = 60_000;
const pollMs = 50;
const answerWithinMs = 2000;

/** Resolves when `readyUrl` answers 200. Refuses when the process ends or the deadline passes first. */
export async function waitUntilReady(child: Child, readyUrl: string, stopped: AbortSignal): Promise<void> {
  const giveUpAt = Date.now() + deadlineMs;
  let answer = 'nothing';
  while (Date.now() < giveUpAt) {
    stopped.throwIfAborted();
    if (child.exit) {
      const end = `${child.id} ${describeExit(child.exit)} before it was ready`;
      throw new Refusal(exitCode.internal, await withLastLines(end, child));
    }
    answer = await ask(readyUrl);
    if (answer === '200') return;
    await pause(pollMs);
  }
  const late = `${child.id} was not ready within ${deadlineMs / 1000} s (${readyUrl} answered ${answer})`;
  throw new Refusal(exitCode.internal, await withLastLines(late, child));
}

/** A sentence, and under it what the process said last. */
export async function withLastLines(sentence: string, child: Child): Promise<string> {
  const lines = await child.lastLines(10);
  return lines === '' ? `${sentence}; it wrote nothing.` : `${sentence}. Its last lines:\n${lines}`;
}

async function ask(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerWithinMs) });
    const body = await response.text();
    return response.status === 200 ? '200' : `${response.status} ${body.slice(0, 200)}`;
  } catch {
    return 'nothing';
  }
}
