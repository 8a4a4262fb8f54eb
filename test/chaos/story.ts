import type { ProcessLog } from '../support/process-log.js';

interface LogLine {
  time?: number | string;
  msg?: string;
  room?: string;
}

/** What all processes logged of a room, in the order of time: the story of a violation. */
export function storyOf(room: string, logs: readonly ProcessLog[]): string[] {
  const lines = logs.flatMap(log => log.lines).map(parsed);
  const about = lines.filter(({ line, text }) => line.room === room || text.includes(room));
  return about.toSorted((a, b) => at(a.line) - at(b.line)).map(({ text }) => text);
}

const at = ({ time = 0 }: LogLine): number => new Date(time).getTime();

function parsed(text: string): { line: LogLine; text: string } {
  try {
    return { line: JSON.parse(text), text };
  } catch {
    return { line: {}, text };
  }
}
