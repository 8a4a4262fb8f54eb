import { randomUUID } from 'node:crypto';

/**
 * A new trace id, for a join whose client named none: 32 hexadecimal digits, as W3C Trace Context has them
 * (https://www.w3.org/TR/trace-context/#trace-id). From a UUID, for which Node draws random bytes in advance.
 */
export const newTrace = (): string => randomUUID().replaceAll('-', '');
