import type { Expiry } from '@manycast/core';

/** The queue's name, below the prefix. */
export const queueName = 'expiry';

/** Two expiries of one attachment are one job. BullMQ allows no colon in it. */
export const jobIdOf = ({ room, session, epoch }: Expiry): string => `${room}/${session}/${epoch}`;

/**
 * Nothing is kept of a job that is over: as long as its id is there the same expiry could not be scheduled again,
 * and whoever finds a detached session does just that. What happened is in the metrics and the log.
 */
export const jobOptions = {
  removeOnComplete: true,
  removeOnFail: true,
  /** An outage must not use them up. A reconcile loop schedules again what is given up here. */
  attempts: 1_000,
  backoff: { type: 'custom' },
} as const;
