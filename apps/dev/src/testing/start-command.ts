import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { anyFreePort, isPortFree } from '../ports.js';
import type { Summary } from '../summary.js';

const command = fileURLToPath(new URL('../../bin/start.mjs', import.meta.url));
const runs = fileURLToPath(new URL('../../../../.cache/manycast/runs', import.meta.url));

export interface End {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

/** `npm start` without npm, in a process of its own, as a script would use it. */
export class StartCommand {
  readonly #process: ChildProcess;
  /** Inherited by everything that the command starts. */
  readonly #mark = randomUUID();
  readonly ended: Promise<End>;
  stdout = '';
  stderr = '';

  constructor(args: string[], env: Record<string, string | undefined> = {}) {
    this.#process = spawn(process.execPath, [command, ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env, START_MARK: this.#mark },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process.stdout?.setEncoding('utf8').on('data', text => {
      this.stdout += text;
    });
    this.#process.stderr?.setEncoding('utf8').on('data', text => {
      this.stderr += text;
    });
    this.ended = once(this.#process, 'close').then(([code, signal]) => ({
      code,
      signal,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
    onTestFinished(async () => {
      if (this.#process.exitCode === null && this.#process.signalCode === null) this.signal('SIGTERM');
      await this.ended;
    });
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error('the command did not start');
    return this.#process.pid;
  }

  get #runFolder(): string {
    return join(runs, String(this.pid));
  }

  get runFolderExists(): boolean {
    return existsSync(this.#runFolder);
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** The JSON line; fails when the command ends instead. */
  async ready(): Promise<Summary> {
    const ended = this.ended.then(end => {
      throw new Error(`ended with ${end.code ?? end.signal} before it was ready:\n${end.stderr}`);
    });
    await Promise.race([until(() => this.stdout.includes('\n')), ended]);
    return JSON.parse(this.stdout);
  }

  /** Process ids of whatever this command started and is still there. */
  async processesLeft(): Promise<number[]> {
    const pids = (await readdir('/proc')).map(Number).filter(pid => pid > 0 && pid !== this.pid);
    const areOurs = await Promise.all(pids.map(pid => this.#started(pid)));
    return pids.filter((_, index) => areOurs[index]).sort();
  }

  /** Redis writes its title over its environment; it is known by the folder it works in. */
  async #started(pid: number): Promise<boolean> {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    return environment.includes(this.#mark) || folder.startsWith(join(this.#runFolder, '/'));
  }
}

/** Waits for a condition; the test's own deadline bounds it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(25);
}

/** The first of `count` consecutive free ports. */
export async function freeBasePort(count: number): Promise<number> {
  for (;;) {
    const base = await anyFreePort();
    const others = Array.from({ length: count - 1 }, (_, index) => base + 1 + index);
    const areFree = await Promise.all(others.map(isPortFree));
    if (base + count < 65_536 && areFree.every(Boolean)) return base;
  }
}
