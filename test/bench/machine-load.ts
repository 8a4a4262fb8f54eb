import { cpus, loadavg } from 'node:os';
import { machineCpuSeconds, ownTreeCpuSeconds } from './cpu-time.js';

/** Who else used the machine while something ran. */
export class MachineLoad {
  private readonly machine = machineCpuSeconds();
  private readonly own = ownTreeCpuSeconds();
  private readonly loadBefore = loadavg()[0] ?? 0;

  /** Share of all processors' time, 0 to 1. */
  get othersShare(): number {
    const now = machineCpuSeconds();
    const busy = now.busy - this.machine.busy;
    const own = ownTreeCpuSeconds() - this.own;
    return Math.max(0, busy - own) / Math.max(0.01, now.total - this.machine.total);
  }

  describe(): string {
    const load = `load average ${this.loadBefore.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after`;
    return `${cpus().length} CPUs; others used ${Math.round(100 * this.othersShare)} % of them; ${load}`;
  }
}
