import { subscribedEvents } from './endpoint-events.js';
import { Transaction, type TransactionResult } from './transaction.js';

/** Adds the subscriptions to all events of an endpoint. Returns what reads the ids of those that came about. */
export function subscribe(
  transaction: Transaction,
  endpoint: string,
): (result: TransactionResult) => string[] {
  const indexes = subscribedEvents.map(event => transaction.subscribe(endpoint, event));
  return result => indexes.map(index => result.value(index)).filter(id => typeof id === 'string');
}

/** To be sent in the session that subscribed. Takes no reference, gives none back. */
export function unsubscribe(endpoint: string, subscriptions: string[]): Transaction {
  const transaction = new Transaction();
  for (const subscription of subscriptions) transaction.unsubscribe(endpoint, subscription);
  return transaction;
}
