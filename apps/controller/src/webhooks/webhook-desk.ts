import type { DeadLetter, DeadLetters, DeliveryLog, WebhookOutbox } from '@manycast/core';
import type { Receiver } from './receiver.js';

/** What an operator may see and order of webhooks. */
export interface WebhookDesk {
  receivers(): readonly Receiver[];
  /** Lanes by state. Throws SignalError `unavailable`. */
  lanes(receiver: string): Promise<Record<string, number>>;
  outbox: Pick<WebhookOutbox, 'putBack'>;
  dead: DeadLetters;
  deliveries: DeliveryLog;
}

/**
 * Has a dead letter sent again: after what waits for the receiver in its room, under the same id. A death between
 * the two steps leaves it in both places, and it may be sent twice.
 */
export async function replay(
  { outbox, dead }: Pick<WebhookDesk, 'outbox' | 'dead'>,
  receiver: string,
  letter: DeadLetter,
): Promise<void> {
  await outbox.putBack({ receiver, room: letter.room }, letter);
  await dead.remove(receiver, letter.id);
}
