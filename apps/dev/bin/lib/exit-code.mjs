/** Exit codes of every command here, after sysexits(3). */
export const exitCode = {
  ok: 0,
  failed: 1,
  usage: 64,
  unavailable: 69,
  internal: 70,
};

/** A failure that one sentence explains: it is printed without a stack. */
export class Refusal extends Error {
  /**
   * @param {number} code the process's exit code
   * @param {string} sentence
   */
  constructor(code, sentence) {
    super(sentence);
    this.name = 'Refusal';
    this.exitCode = code;
  }
}
