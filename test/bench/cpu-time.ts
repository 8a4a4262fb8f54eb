import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second (sysconf(_SC_CLK_TCK) on every port of it). */
const ticksPerSecond = 100;

/** CPU seconds, user and system, that a process has used so far; with `isWithChildren` those of its ended children. */
export function cpuSeconds(pid: number | 'self', isWithChildren = false): number {
  const fields = statOf(pid).fields;
  const own = Number(fields[11]) + Number(fields[12]);
  const children = isWithChildren ? Number(fields[13]) + Number(fields[14]) : 0;
  return (own + children) / ticksPerSecond;
}

/** Of the present processes in our process group: the run and what it started. */
export function ownTreeCpuSeconds(): number {
  const { group } = statOf('self');
  let sum = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (statOf(Number(name)).group === group) sum += cpuSeconds(Number(name), true);
    } catch {
      // It has ended meanwhile.
    }
  }
  return sum;
}

/** CPU seconds during which some processor was not idle, and those that there were; of the whole machine. */
export function machineCpuSeconds(): { busy: number; total: number } {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '';
  const ticks = line.split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, value) => sum + value, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { busy: (total - idle) / ticksPerSecond, total: total / ticksPerSecond };
}

/** `fields` begin after the name: 11 and 12 are utime and stime, 13 and 14 those of waited-for children (proc(5)). */
function statOf(pid: number | 'self'): { group: string | undefined; fields: string[] } {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { group: fields[2], fields };
}
