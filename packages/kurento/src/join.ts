import type { PublishOrder, ViewOrder } from '@manycast/core';
import { asEndpointId, asPipelineId, SignalError } from '@manycast/protocol';
import { subscribedEvents } from './endpoint-events.js';
import { isReference, type NewRef, Transaction, type TransactionResult } from './transaction.js';

/** One request that builds a participant's media, and how to read what came of it. */
export interface Join<T> {
  transaction: Transaction;
  /** Only when every operation succeeded. */
  read(result: TransactionResult): T;
}

/** Pipeline and presenter's endpoint. Operation 0 makes the pipeline: whose release undoes it all. */
export function publishJoin(order: PublishOrder) {
  const transaction = new Transaction();
  const pipeline = transaction.create('MediaPipeline');
  tag(transaction, pipeline, order, 'pipeline');
  const endpoint = transaction.create('WebRtcEndpoint', { mediaPipeline: pipeline });
  const answer = negotiate(transaction, endpoint, order, 'presenter');
  return {
    transaction,
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
  const answer = negotiate(transaction, endpoint, order, 'viewer');
  transaction.invoke(order.source, 'connect', { sink: endpoint });
  return {
    transaction,
    read: (result: TransactionResult) => ({
      endpoint: asEndpointId(String(result.value(0))),
      sdpAnswer: String(result.value(answer)),
    }),
  } satisfies Join<unknown>;
}

/** Subscribed before it negotiates, so that no event is missed. Returns the index of the answer. */
function negotiate(
  transaction: Transaction,
  endpoint: NewRef,
  order: PublishOrder,
  role: 'presenter' | 'viewer',
): number {
  if (isReference(order.sdpOffer)) throw new SignalError('bad-sdp');
  tag(transaction, endpoint, order, role);
  for (const event of subscribedEvents) transaction.subscribe(endpoint, event);
  return transaction.invoke(endpoint, 'processOffer', { offer: order.sdpOffer });
}

/** What a reconcile loop needs to rebuild the truth from the media server alone. */
function tag(
  transaction: Transaction,
  object: NewRef,
  { room, session, generation }: PublishOrder,
  role: 'pipeline' | 'presenter' | 'viewer',
): void {
  const tags = { manycast: '1', room, session, generation: String(generation), role };
  for (const [key, value] of Object.entries(tags)) transaction.invoke(object, 'addTag', { key, value });
}

function indexOf(ref: NewRef): number {
  return Number(ref.slice('newref:'.length));
}
