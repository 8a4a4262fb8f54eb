import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type RunningProcess, startProcess } from './child-process.js';

export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));

export interface AppOrder {
  /** The folder below apps/. */
  app: string;
  name?: string;
  env: Record<string, string | undefined>;
  ready: () => unknown | Promise<unknown>;
  readyTimeoutMs?: number;
  /** For the interpreter, before the program: `--inspect=…`, say. */
  nodeArgs?: string[];
  /** For the app's `main`. */
  args?: string[];
  /** Instead of the app's `main`: a program that wires the same build with something for a test in it. */
  program?: { file: string; args: string[] };
}

/** Runs an app as an installation would: its build, in a process of its own. */
export function startBuiltApp({
  app,
  name = app,
  nodeArgs = [],
  args = [],
  program,
  ...order
}: AppOrder): Promise<RunningProcess> {
  const main = `${repositoryRoot}apps/${app}/dist/main.js`;
  if (!existsSync(main)) throw new Error(`apps/${app} is not built; run: npm run build`);
  return startProcess({
    ...order,
    name,
    command: process.execPath,
    args: [...nodeArgs, ...(program ? [program.file, ...program.args] : [main, ...args])],
    cwd: repositoryRoot,
  });
}
