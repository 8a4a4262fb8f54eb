import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

export type Role = 'redis' | 'media' | 'controller' | 'node';

export interface Order {
  role: Role;
  /** Unique in the cluster: `node-1`, `media-2`, `redis`. */
  id: string;
  file: string;
  args: string[];
  env: Record<string, string | undefined>;
  logFile: string;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** One process of the cluster. It writes its output straight to its log file, not through us. */
export class Child {
  readonly role: Role;
  readonly id: string;
  readonly logFile: string;
  readonly exited: Promise<Exit>;
  exit: Exit | undefined;
  readonly #process: ChildProcess;

  constructor(order: Order) {
    this.role = order.role;
    this.id = order.id;
    this.logFile = order.logFile;
    const log = openSync(order.logFile, 'a');
    // A session of its own: Ctrl-C reaches the terminal's whole process group, and the children are to be
    // ended one after another. What ends them when we cannot: guardian.ts.
    this.#process = spawn(order.file, order.args, {
      env: order.env,
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.exited = once(this.#process, 'exit').then(
      ([code, signal]) => ({ code, signal }),
      () => ({ code: 127, signal: null }),
    );
    void this.exited.then(exit => {
      this.exit = exit;
    });
  }

  /** Absent when there is no such program; `exited` tells. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.exit) this.#process.kill(signal);
  }

  /** What it wrote last, for the sentence that reports its end. */
  async lastLines(count: number): Promise<string> {
    const text = await readFile(this.logFile, 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter(line => line.trim() !== '')
      .slice(-count)
      .join('\n');
  }
}

/** `was ended by SIGKILL`, `ended with code 78`. */
export function describeExit({ code, signal }: Exit): string {
  return signal ? `was ended by ${signal}` : `ended with code ${code}`;
}
