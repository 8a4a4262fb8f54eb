/** The one place of the tests that reads the environment of the run. */

/** A real Kurento Media Server to hold the conformance suite against, instead of the embedded one. */
export const kmsUrl: string | undefined = process.env.KMS_URL || undefined;

/** The collection period of the server behind KMS_URL; Kurento's default is 240 s. */
export const kmsCollectorPeriodMs = Number(process.env.KMS_COLLECTOR_PERIOD_MS || 240_000);

/** A whole number given for this run, or the default. */
export function numberFromRun(name: string, fallback: number): number {
  const text = process.env[name];
  if (!text) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0)
    throw new Error(`${name} must be a whole number above 0, not "${text}"`);
  return value;
}

/** What a child process gets: ours without MANYCAST_*, which every app checks for unknown names. */
export function childEnvironment(extra: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('MANYCAST_') && !name.startsWith('VITEST') && name !== 'NODE_OPTIONS',
  );
  const given = Object.entries(extra).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...inherited, ...given]);
}

export const isSetForRun = (name: string): boolean => Boolean(process.env[name]);
