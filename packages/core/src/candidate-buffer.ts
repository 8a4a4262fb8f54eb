import { type IceCandidate, SignalError } from '@manycast/protocol';

/**
 * A client's candidates on their way to its endpoint: held until the endpoint gathers, then passed on in order.
 * Those that come before the offer count too. Bounded per attempt, passed-on ones included.
 */
export class CandidateBuffer {
  private held: IceCandidate[] | undefined = [];
  private forward: (candidate: IceCandidate) => void = () => {};
  private count = 0;

  constructor(private readonly max: number) {}

  /** Throws SignalError `too-many-candidates`. */
  add(candidate: IceCandidate): void {
    this.count += 1;
    if (this.count > this.max) {
      throw new SignalError('too-many-candidates', {
        field: 'candidate',
        message: `candidate: at most ${this.max} for one attempt`,
      });
    }
    if (this.held) this.held.push(candidate);
    else this.forward(candidate);
  }

  /** From now on candidates go to `forward`; those held go first. */
  open(forward: (candidate: IceCandidate) => void): void {
    const held = this.held ?? [];
    this.held = undefined;
    this.forward = forward;
    held.forEach(forward);
  }
}
