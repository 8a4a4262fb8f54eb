/** Whether a load balancer should send clients here. Liveness asks none of this (R-NODE-2). */
export class Readiness {
  isDraining = false;

  constructor(private readonly checks: Record<string, () => boolean>) {}

  /** The names of what is missing; empty when the node is ready. */
  problems(): string[] {
    const failed = Object.keys(this.checks).filter(name => !this.checks[name]?.());
    return this.isDraining ? ['draining', ...failed] : failed;
  }
}
