import { SignalError } from '@manycast/protocol';
import type { Cluster } from '../cluster.js';
import type { Moderation } from '../domain/chat.js';
import { giveBack } from './leave.js';

/**
 * One act of a moderator or an operator. Whoever it ends is told by the store's own step; what they had on the media
 * servers is released here, and what a process that dies in between leaves is found by the reconcile loop. Throws
 * SignalError for what is refused, `unavailable`.
 */
export async function moderate(
  cluster: Pick<Cluster, 'chat'> & Parameters<typeof giveBack>[0],
  order: Moderation,
): Promise<void> {
  const { room, clientId } = order;
  const result = await cluster.chat.moderate(order);
  if (result.status === 'refused') throw new SignalError(result.code, { clientId });
  for (const ended of result.ended) giveBack(cluster, { room }, ended);
}
