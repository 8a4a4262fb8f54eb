import { z } from 'zod';
import { secret, wholeNumber } from './config-fields.js';
import { redisAddress } from './redis-address.js';

/** Where the state is: settings of every process of a cluster, to be spread into its schema. */
export const redisSettings = {
  redisUrl: secret(
    redisAddress.describe(
      'where the state of rooms and sessions is: one server, `redis+sentinel://host:26379,…/master`, or `redis+cluster://host:6379,…`',
    ),
  ),
  redisPrefix: z
    .string()
    .regex(/^[\w.-]{1,32}$/, 'must be 1-32 characters of A-Z a-z 0-9 _ . -')
    .default('manycast')
    .describe(
      'first part of every key and channel, so that several clusters can share one Redis; the same in all of a cluster',
    ),
  redisTimeoutMs: wholeNumber(50, 60_000)
    .default(2_000)
    .describe('a command without a reply for this long has failed'),
};
