export const exitCode: {
  readonly ok: 0;
  readonly failed: 1;
  readonly usage: 64;
  readonly unavailable: 69;
  readonly internal: 70;
};

export class Refusal extends Error {
  constructor(code: number, sentence: string);
  readonly exitCode: number;
}
