import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./guardian.js', import.meta.url));

/** Our end of the guardian: see guardian.ts for what it does when we are gone. */
export class GuardianLink {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(runFolder: string) {
    this.#process = spawn(process.execPath, [program, runFolder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#process.stdin?.on('error', () => {});
    this.#exited = once(this.#process, 'exit').catch(() => {});
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  watch(pid: number): void {
    this.#process.stdin?.write(`+${pid}\n`);
  }

  forget(pid: number): void {
    this.#process.stdin?.write(`-${pid}\n`);
  }

  /** Resolves when the guardian is gone; it ends whatever it still watches first. */
  async release(): Promise<void> {
    this.#process.stdin?.end();
    await this.#exited;
  }
}
