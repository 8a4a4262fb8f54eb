import type { ObjectTags, PublishOrder } from '@manycast/core';
import { subprotocol } from '@manycast/protocol';
import type { NewRef, Transaction } from './transaction.js';

/** What a controller needs to rebuild the truth from the media server alone. */
export function addTags(
  transaction: Transaction,
  object: NewRef,
  { room, session, generation, speech = 'tutorial', trace }: PublishOrder,
  role: ObjectTags['role'],
): void {
  const tags = {
    manycast: '1',
    room,
    session,
    generation: String(generation),
    role,
    speech,
    ...(trace && { trace }),
  };
  for (const [key, value] of Object.entries(tags)) transaction.invoke(object, 'addTag', { key, value });
}

/** What `getTags` answered, read back; null when `addTags` did not write it. */
export function readTags(value: unknown): ObjectTags | null {
  if (!Array.isArray(value)) return null;
  const tags = new Map(value.map(({ key, value }: { key: string; value: string }) => [key, value]));
  const { room, session, role, generation = '' } = Object.fromEntries(tags);
  const isOurs = tags.get('manycast') === '1' && room && session && isRole(role) && /^\d+$/.test(generation);
  if (!isOurs) return null;
  // What was made by a release before this one does not tell: it is then watched as a tutorial page's.
  const speech = tags.get('speech') === subprotocol ? subprotocol : 'tutorial';
  return { room, session, generation: Number(generation), role, speech };
}

function isRole(role: string | undefined): role is ObjectTags['role'] {
  return role === 'pipeline' || role === 'presenter' || role === 'viewer';
}
