/**
 * Holds our candidates until the peer's application asks for them: libdatachannel gathers as soon as it
 * has a description, Kurento only when told to.
 */
export class CandidateTray {
  readonly #held: string[] = [];
  #isComplete = false;
  #isOpen = false;

  constructor(
    private readonly onCandidate: (candidate: string) => void,
    private readonly onDone: () => void,
  ) {}

  add(candidate: string): void {
    if (this.#isOpen) this.onCandidate(candidate);
    else this.#held.push(candidate);
  }

  complete(): void {
    if (this.#isComplete) return;
    this.#isComplete = true;
    if (this.#isOpen) this.onDone();
  }

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    for (const candidate of this.#held.splice(0)) this.onCandidate(candidate);
    if (this.#isComplete) this.onDone();
  }
}
