import type { PublishOrder, ViewOrder } from '@manycast/core';
import { asEndpointId, asPipelineId, SignalError } from '@manycast/protocol';
import { subscribe } from './endpoint-subscriptions.js';
import { addTags } from './object-tags.js';
import { isReference, type NewRef, Transaction, type TransactionResult } from './transaction.js';

/** One request that builds a participant's media, and how to read what came of it. */
export interface Join<T> {
  transaction: Transaction;
  /** Only when every operation succeeded. */
  read(result: TransactionResult): T;
  subscriptions(result: TransactionResult): string[];
}

/** Pipeline and presenter's endpoint. Operation 0 makes the pipeline: whose release undoes it all. */
export function publishJoin(order: PublishOrder) {
  const transaction = new Transaction();
  const pipeline = transaction.create('MediaPipeline');
  addTags(transaction, pipeline, order, 'pipeline');
  const endpoint = transaction.create('WebRtcEndpoint', { mediaPipeline: pipeline });
  const { answer, subscriptions } = negotiate(transaction, endpoint, order, 'presenter');
  return {
    transaction,
    subscriptions,
    read: (result: TransactionResult) => ({
      pipeline: asPipelineId(String(result.value(0))),
      endpoint: asEndpointId(String(result.value(indexOf(endpoint)))),
      sdpAnswer: String(result.value(answer)),
    }),
  } satisfies Join<unknown>;
}

/** A viewer's endpoint. Operation 0 makes it: whose release undoes it all. */
export function viewJoin(order: ViewOrder) {
  const transaction = new Transaction();
  const endpoint = transaction.create('WebRtcEndpoint', { mediaPipeline: order.pipeline });
  const { answer, subscriptions } = negotiate(transaction, endpoint, order, 'viewer');
  transaction.invoke(order.source, 'connect', { sink: endpoint });
  return {
    transaction,
    subscriptions,
    read: (result: TransactionResult) => ({
      endpoint: asEndpointId(String(result.value(0))),
      sdpAnswer: String(result.value(answer)),
    }),
  } satisfies Join<unknown>;
}

/** Subscribed before it negotiates, so that no event is missed. `answer` is an index. */
function negotiate(
  transaction: Transaction,
  endpoint: NewRef,
  order: PublishOrder,
  role: 'presenter' | 'viewer',
) {
  if (isReference(order.sdpOffer)) throw new SignalError('bad-sdp');
  addTags(transaction, endpoint, order, role);
  const subscriptions = subscribe(transaction, endpoint);
  const answer = transaction.invoke(endpoint, 'processOffer', { offer: order.sdpOffer });
  return { answer, subscriptions };
}

function indexOf(ref: NewRef): number {
  return Number(ref.slice('newref:'.length));
}
