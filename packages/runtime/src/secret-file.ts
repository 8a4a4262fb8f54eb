import { readFileSync } from 'node:fs';

export const secretFileName = (name: string): string => `${name}_FILE`;

type Environment = Record<string, string | undefined>;

/**
 * The environment with the secrets that stand in files put in their places: `NAME` is what the file named by
 * `NAME_FILE` says, without the newline at its end. A secret in a file is not seen in `docker inspect`, nor in
 * `/proc/PID/environ`. `problems`: of which setting, and what.
 */
export function withSecretFiles(
  names: readonly string[],
  env: Environment,
): { env: Environment; problems: Map<string, string> } {
  const whole = { ...env };
  const problems = new Map<string, string>();
  for (const name of names) {
    const file = env[secretFileName(name)];
    if (!file) continue;
    try {
      if (env[name]) throw new Error(`${name} is set as well; one of them`);
      whole[name] = readSecret(file);
    } catch (error) {
      problems.set(name, `${secretFileName(name)}: ${(error as Error).message}`);
    }
  }
  return { env: whole, problems };
}

function readSecret(file: string): string {
  const text = read(file).replace(/\r?\n$/, '');
  if (text === '') throw new Error(`${file} is empty`);
  return text;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
