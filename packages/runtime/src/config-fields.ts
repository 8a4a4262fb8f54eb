import { z } from 'zod';

// The field types that environment variables need: everything arrives as a string.

/** A whole number within bounds; the unit belongs into the variable's name. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine(value => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

/** A comma-separated list without empty entries, each checked by `entry`. */
export const listOf = <T extends z.ZodType<unknown, string>>(entry: T) =>
  z
    .string()
    .transform(list =>
      list
        .split(',')
        .map(item => item.trim())
        .filter(item => item !== ''),
    )
    .pipe(z.array(entry).min(1, 'must name at least one'));

/** `name=value` pairs, comma-separated: 1-63 characters of A-Z a-z 0-9 _ . - each. */
export const labels = listOf(
  z.string().regex(/^[\w.-]{1,63}=[\w.-]{1,63}$/, 'must be like zone=eu-1'),
).transform((pairs): Record<string, string> => Object.fromEntries(pairs.map(pair => pair.split('='))));

/** An address with one of the given schemes, such as `redis://host:6379`. */
export const urlWith = (...schemes: string[]) =>
  z
    .string()
    .refine(
      value => URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)),
      `must be a URL that starts with ${schemes.map(scheme => `${scheme}://`).join(' or ')}`,
    );

export const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']);

/** `true` or `false`, and nothing else: a mistyped `ture` must not quietly mean no. */
export const flag = z.enum(['true', 'false'], 'must be true or false').transform(value => value === 'true');

/** Marks a field as a secret: it may also come from a file, whose name is the setting's and `_FILE`. To be called last. */
export const secret = <T extends z.ZodType>(field: T): T => {
  const marked = field.clone();
  z.globalRegistry.add(marked, { ...field.meta(), isSecret: true });
  return marked;
};

export const isSecret = (field: z.ZodType): boolean => field.meta()?.isSecret === true;
