import type { DeadLetter, DeadLetters } from '../ports/dead-letters.js';

/** Those of one process, for fast tests. */
export class MemoryDeadLetters implements DeadLetters {
  private readonly letters = new Map<string, DeadLetter[]>();

  constructor(private readonly options: { kept: number }) {}

  async bury(receiver: string, letter: DeadLetter): Promise<number> {
    const others = this.of(receiver).filter(({ id }) => id !== letter.id);
    const all = [...others, letter].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    this.letters.set(receiver, all.slice(-this.options.kept));
    return Math.max(0, all.length - this.options.kept);
  }

  async list(receiver: string, { limit, after }: { limit: number; after: string }) {
    const rest = this.of(receiver).filter(letter => keyOf(letter) > after);
    const letters = rest.slice(0, limit);
    const last = letters.at(-1);
    return { letters, next: last && rest.length > limit ? keyOf(last) : null };
  }

  async read(receiver: string, wanted: string): Promise<DeadLetter | null> {
    return this.of(receiver).find(({ id }) => id === wanted) ?? null;
  }

  async remove(receiver: string, gone: string): Promise<void> {
    this.letters.set(
      receiver,
      this.of(receiver).filter(({ id }) => id !== gone),
    );
  }

  async count(receiver: string): Promise<number> {
    return this.of(receiver).length;
  }

  private of = (receiver: string): DeadLetter[] => this.letters.get(receiver) ?? [];
}

/** Dates of this century have 13 digits. */
const keyOf = ({ atMs, id }: DeadLetter): string => `${atMs}|${id}`;
