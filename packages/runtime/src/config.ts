import type { z } from 'zod';
import { isSecret } from './config-fields.js';
import { secretFileName, withSecretFiles } from './secret-file.js';

/** The environment prefix that belongs to this product: an unknown name under it is a typing error, not a wish. */
const prefix = 'MANYCAST_';

/** All that is wrong with a configuration, at once. An app prints it and exits with 78 (EX_CONFIG). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: string[]) {
    super(
      `the configuration has ${problems.length} problem(s):\n${problems.map(problem => `  ${problem}`).join('\n')}`,
    );
  }
}

/**
 * Reads an app's configuration. `schema` is an object whose keys are names without the prefix in camelCase:
 * `redisUrl` is read from `MANYCAST_REDIS_URL`, a secret also from the file that `MANYCAST_REDIS_URL_FILE` names.
 * Throws ConfigError with every problem, unknown names included. An empty value counts as not set.
 */
export function loadConfig<S extends z.ZodObject>(
  schema: S,
  env: Record<string, string | undefined>,
): z.infer<S> {
  const fields = describeConfig(schema);
  const secretNames = fields.filter(field => field.isSecret).map(({ name }) => name);
  const known = new Set([...fields.map(({ name }) => name), ...secretNames.map(secretFileName)]);
  const unknown = Object.entries(env)
    .filter(([name, value]) => name.startsWith(prefix) && value !== '' && !known.has(name))
    .map(([name]) => `${name}: no such setting; known are ${[...known].sort().join(', ')}`);

  const given = withSecretFiles(secretNames, env);
  const problems = [...unknown, ...given.problems.values()];
  const keys = Object.keys(schema.shape);
  const values = Object.fromEntries(keys.map(key => [key, given.env[environmentName(key)] || undefined]));
  const result = schema.safeParse(values);
  if (!result.success) {
    for (const { path, code, message } of result.error.issues) {
      const key = String(path[0]);
      const name = environmentName(key);
      const isMissing = values[key] === undefined && code !== 'custom';
      if (!given.problems.has(name)) problems.push(`${name}: ${isMissing ? 'is required' : message}`);
    }
  }
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  return result.data;
}

/** `drainTimeoutMs` → `MANYCAST_DRAIN_TIMEOUT_MS`. */
export function environmentName(key: string): string {
  return prefix + key.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase();
}

/** What a schema asks for, for documents and for the tests that hold manifests to it. */
export function describeConfig(
  schema: z.ZodObject,
): { name: string; isRequired: boolean; isSecret: boolean; description: string }[] {
  return Object.entries(schema.shape).map(([key, field]) => ({
    name: environmentName(key),
    isRequired: !(field as z.ZodType).safeParse(undefined).success,
    isSecret: isSecret(field as z.ZodType),
    description: (field as z.ZodType).description ?? '',
  }));
}
