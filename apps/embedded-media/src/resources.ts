import { readdirSync, readFileSync } from 'node:fs';
import { kurentoError } from './rpc/kurento-error.js';

/** The part of a system limit that may be used before new objects are refused, as in Kurento. */
const usableShare = 0.8;

export interface Usage {
  used: number;
  /** Infinity where there is none. */
  limit: number;
}

/**
 * Refuses (40009) when this process has used up four fifths of the files or threads it may have: what is left
 * is for the media that flow already.
 */
export function checkResources(usage: { files: Usage; threads: Usage } = ownUsage()): void {
  for (const [what, { used, limit }] of Object.entries(usage)) {
    const usable = Math.floor(limit * usableShare);
    if (used > usable) throw kurentoError('NOT_ENOUGH_RESOURCES', `Reached KMS ${what} limit: ${usable}`);
  }
}

/** Where there is no /proc nothing is known, and nothing refused. */
function ownUsage(): { files: Usage; threads: Usage } {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const threads = readFileSync('/proc/self/status', 'utf8').match(/^Threads:\s+(\d+)/m)?.[1];
    return {
      files: { used: readdirSync('/proc/self/fd').length, limit: softLimit(limits, 'Max open files') },
      threads: { used: Number(threads), limit: softLimit(limits, 'Max processes') },
    };
  } catch {
    const unknown = { used: 0, limit: Number.POSITIVE_INFINITY };
    return { files: unknown, threads: unknown };
  }
}

function softLimit(limits: string, name: string): number {
  const soft = limits.match(new RegExp(`^${name}\\s+(\\d+)`, 'm'))?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
