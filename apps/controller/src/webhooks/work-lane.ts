import { randomUUID } from 'node:crypto';
import {
  type DeadLetters,
  type DeliveryLog,
  type Failpoint,
  isLevel,
  type Lane,
  type OutboxEntry,
  type WebhookEvent,
  type WebhookOutbox,
  webhookEvent,
} from '@manycast/core';
import type { Logger } from '@manycast/runtime';
import { pauseMs } from './backoff.js';
import type { PostResult } from './post.js';
import { isWanted, type Receiver } from './receiver.js';
import type { WebhookMetrics } from './webhook-metrics.js';

export interface LaneWork {
  outbox: WebhookOutbox;
  dead: DeadLetters;
  deliveries: DeliveryLog;
  /** Undefined for one that is not there any more. */
  findReceiver(id: string): Receiver | undefined;
  post(receiver: Receiver, event: WebhookEvent, attempt: number): Promise<PostResult>;
  metrics: WebhookMetrics;
  reach: Failpoint;
  log: Logger;
  /** Aborted when this process stops: the event under way is finished, and another goes on. */
  stopping: AbortSignal;
  /** Unix ms. */
  now(): number;
}

/** Entries of one turn. Then others come first. */
const turnLength = 32;
/** How long a level settles, so that a crowd that comes is told of by few requests. */
const settleMs = 1_000;

/**
 * One turn at a lane: tells the receiver, one after the other, what waits. The cursor moves when a request has been
 * answered; so a turn that breaks off anywhere leaves an event that is sent again, under the same id, and none that
 * is not sent. An event that fails holds up its own lane and nothing else.
 */
export async function workLane(lane: Lane, work: LaneWork): Promise<'done' | { againInMs: number }> {
  const receiver = work.findReceiver(lane.receiver);
  if (!receiver) return 'done';
  const turn = randomUUID();
  const { failures, entries } = await work.outbox.take(lane, turn, turnLength);
  await work.reach('webhook:taken');
  const steps = { ...work, lane, turn, receiver };
  let attempt = failures + 1;
  for (const [index, entry] of entries.entries()) {
    if (work.stopping.aborted) return { againInMs: 0 };
    const event = webhookEvent(entry.id, lane.room, entry.atMs, entry.told);
    if (event && isFor(receiver, entry, event)) {
      const unsettledMs = index === entries.length - 1 ? settlesInMs(entry, work.now()) : 0;
      if (unsettledMs > 0) return { againInMs: unsettledMs };
      const outcome = await tell(steps, entry, event, attempt);
      if (outcome !== 'passed') return outcome;
    }
    if ((await work.outbox.advance(lane, turn, entry.place)) === 'fenced') return 'done';
    attempt = 1;
    await work.reach('webhook:advanced');
  }
  return entries.length === turnLength ? { againInMs: 0 } : 'done';
}

interface Steps extends LaneWork {
  lane: Lane;
  turn: string;
  receiver: Receiver;
}

/** `passed`: delivered, or given up and kept among the dead letters. */
async function tell(
  steps: Steps,
  entry: OutboxEntry,
  event: WebhookEvent,
  attempt: number,
): Promise<'passed' | 'done' | { againInMs: number }> {
  const { outbox, lane, turn, receiver, post, metrics, reach, now } = steps;
  const result = await post(receiver, event, attempt);
  await reach('webhook:posted');
  const isGivenUp = !result.isDelivered && now() - entry.writtenAtMs > receiver.giveUpAfterMs;
  const outcome = result.isDelivered ? 'delivered' : isGivenUp ? 'dead' : 'failed';
  metrics.attempted(receiver.id, outcome, result.tookMs, now() - entry.atMs);
  await note(steps, event, attempt, outcome, result);
  if (outcome === 'delivered') return 'passed';
  if (outcome === 'dead') {
    await bury(steps, entry, attempt, result.reason ?? 'failed');
    await reach('webhook:buried');
    return 'passed';
  }
  const failures = await outbox.fail(lane, turn);
  if (failures === 'fenced') return 'done';
  await reach('webhook:failed');
  const { retryMaxMs } = receiver;
  return { againInMs: pauseMs(failures, { retryMaxMs, retryAfterMs: result.retryAfterMs }) };
}

/** What was asked for once more is sent whatever the filter says by now. */
const isFor = (receiver: Receiver, { only }: OutboxEntry, event: WebhookEvent): boolean =>
  only === undefined ? isWanted(receiver, event.type) : only === receiver.id;

const settlesInMs = ({ told, sinceMs }: OutboxEntry, nowMs: number): number =>
  isLevel(told.type) && sinceMs !== undefined ? Math.min(settleMs, sinceMs + settleMs - nowMs) : 0;

async function bury(
  { dead, lane: { room }, receiver, metrics, log, now }: Steps,
  { id, atMs, told }: OutboxEntry,
  attempts: number,
  reason: string,
): Promise<void> {
  const dropped = await dead.bury(receiver.id, {
    id,
    room,
    atMs,
    told,
    givenUpAtMs: now(),
    attempts,
    reason,
  });
  if (dropped > 0) metrics.deadLettersDropped.inc({ receiver: receiver.id }, dropped);
  log.warn({ receiver: receiver.id, event: id, attempts, reason, dropped }, 'webhook given up');
}

/** The log is for people to look at: that it cannot be written holds nothing up. */
async function note(
  { deliveries, lane: { room }, receiver, log, now }: Steps,
  { id, type }: WebhookEvent,
  attempt: number,
  outcome: 'delivered' | 'failed' | 'dead',
  { status, tookMs, reason }: PostResult,
): Promise<void> {
  const delivery = { atMs: now(), id, type, room, attempt, outcome, status, tookMs, reason };
  await deliveries.write(receiver.id, delivery).catch(err => log.debug({ err }, 'delivery not logged'));
}
