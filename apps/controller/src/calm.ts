/**
 * Right after an outage absence proves nothing: nodes have yet to renew their leases, clients to come back, sessions
 * to be put back. Nothing is taken from anybody until that time is over.
 */
export class Calm {
  private untilMs = 0;

  /** `now`: a clock that never goes back, in ms. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  disturb(forMs: number): void {
    this.untilMs = Math.max(this.untilMs, this.now() + forMs);
  }

  get isCalm(): boolean {
    return this.now() >= this.untilMs;
  }
}
