import type { Relocation } from '@manycast/core';

/** The queue's name, below the prefix. */
export const queueName = 'relocation';

/** A room is moved once at a time, for each cause. */
export const jobIdOf = ({ room, cause }: Relocation): string => `${room}/${cause}`;

/** BullMQ's lowest priority. */
const lowest = 2_097_152;

/** 1 comes first: what is lost before what only has to move, the bigger audience before the smaller. */
export function priorityOf({ cause, audience }: Relocation): number {
  const first = cause === 'lost' ? 1 : lowest / 2;
  return Math.floor(first + Math.max(0, lowest / 2 - 1 - audience));
}
