import { readdirSync, readFileSync } from 'node:fs';
import { kurentoError } from './rpc/kurento-error.js';

/** The part of a system limit that may be used before new objects are refused, as in Kurento. */
const usableShare = 0.8;

/**
 * Refuses (40009) when this process has used up four fifths of the files or threads it may have: what it still
 * has is for the media that flow already. Where there is no /proc nothing is refused.
 */
export function checkResources(): void {
  const limits = read('/proc/self/limits');
  refuseAbove(
    'files',
    count(() => readdirSync('/proc/self/fd').length),
    limitOf(limits, 'Max open files'),
  );
  refuseAbove('threads', threadCount(), limitOf(limits, 'Max processes'));
}

function refuseAbove(what: string, used: number, limit: number): void {
  const usable = Math.floor(limit * usableShare);
  if (used > usable) throw kurentoError('NOT_ENOUGH_RESOURCES', `Reached KMS ${what} limit: ${usable}`);
}

/** The soft limit; what is unlimited or unknown limits nothing. */
function limitOf(limits: string, name: string): number {
  const soft = limits.match(new RegExp(`^${name}\\s+(\\d+)`, 'm'))?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}

function threadCount(): number {
  return Number(read('/proc/self/status').match(/^Threads:\s+(\d+)/m)?.[1] ?? 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function count(entries: () => number): number {
  try {
    return entries();
  } catch {
    return 0;
  }
}
