/** Whether a load balancer should send work here. Liveness asks none of this (R-NODE-2). */
export class Readiness {
  isDraining = false;

  constructor(private readonly checks: Record<string, () => boolean>) {}

  /** The names of what is missing; empty when the process is ready. */
  problems(): string[] {
    const failed = Object.keys(this.checks).filter(name => !this.checks[name]?.());
    return this.isDraining ? ['draining', ...failed] : failed;
  }
}
