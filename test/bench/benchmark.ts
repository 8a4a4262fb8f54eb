import type { Stand } from './stand.js';

/** One line of the result. `ratio` is ours ÷ peer; null where there is nothing to divide by. */
export interface Figure {
  bench: string;
  ours: number;
  peer: number | null;
  ratio: number | null;
  unit: string;
}

export interface RunOptions {
  /** Under 50 s: fewer rounds, and no change of what is measured. */
  isQuick: boolean;
  /** Another server that speaks the tutorial's wire, instead of our own writing of it: `wss://host/one2many`. */
  peerUrl: string | undefined;
}

export interface Benchmark {
  /** The names of its figures in the table of targets. */
  names: readonly string[];
  /** What is measured, and against what. */
  about: string;
  run(stand: Stand, options: RunOptions): Promise<Figure[]>;
}

export const figure = (bench: string, ours: number, peer: number | null, unit: string): Figure => ({
  bench,
  ours: rounded(ours),
  peer: peer === null ? null : rounded(peer),
  ratio: peer ? rounded(ours / peer) : null,
  unit,
});

/** To four digits: nothing that is measured here is more exact. */
const rounded = (value: number): number => Number(value.toPrecision(4));
