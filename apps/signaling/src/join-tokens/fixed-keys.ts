import {
  type Algorithm,
  type Header,
  type KeySource,
  mayHaveSigned,
  type VerifyingKey,
} from './key-source.js';

/** Keys that are there from the start to the end of the process. */
export class FixedKeys implements KeySource {
  readonly algorithms: ReadonlySet<Algorithm>;

  constructor(private readonly keys: readonly VerifyingKey[]) {
    this.algorithms = new Set(keys.map(({ algorithm }) => algorithm));
  }

  async keysFor(header: Header): Promise<readonly VerifyingKey[]> {
    return this.keys.filter(mayHaveSigned(header));
  }
}
