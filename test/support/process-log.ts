import type { Readable } from 'node:stream';

/** How much of a child's output is kept: enough to see why it died, bounded for soaks. */
const KEPT_LINES = 2_000;

/** The last lines of a child's stdout and stderr, in the order they came. */
export class ProcessLog {
  readonly #lines: string[] = [];
  #rest = '';

  collect(stream: Readable): void {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const lines = (this.#rest + chunk).split('\n');
      this.#rest = lines.pop() ?? '';
      this.#lines.push(...lines);
      if (this.#lines.length > KEPT_LINES) this.#lines.splice(0, this.#lines.length - KEPT_LINES);
    });
  }

  get lines(): readonly string[] {
    return this.#rest ? [...this.#lines, this.#rest] : this.#lines;
  }

  find(pattern: RegExp): string | undefined {
    return this.lines.find(line => pattern.test(line));
  }

  tail(count = 40): string {
    return this.lines.slice(-count).join('\n') || '(it printed nothing)';
  }
}
