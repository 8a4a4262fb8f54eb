import { SignalError } from '@manycast/protocol';
import { type Attempt, identityOf, type JoinedMedia, type Outcome } from '../attempt.js';
import type { Cluster } from '../cluster.js';
import { firstSlots } from '../domain/slots.js';
import { leave } from './leave.js';
import { measured } from './measured.js';

/** Refusals of one who has not taken the place, and has nothing to give back. */
const neverIn: ReadonlySet<string> = new Set(['presenter-exists', 'banned', 'room-not-open']);

/** When it is worth asking again while no media server is up. */
const warmUpRetryMs = 1_000;

/** When it is worth asking again for the place of a presenter that has no socket. */
const absentRetryMs = 1_000;

/**
 * Takes the presenter's place, has the pool choose a media server, builds the pipeline there and opens the room. A
 * presenter that offers again has the room's media built anew; the old media plays until the new is there.
 * Whatever fails, and wherever the client gives up, what this attempt did is taken back.
 */
export async function presenter(cluster: Cluster, attempt: Attempt, sdpOffer: string): Promise<Outcome> {
  const { room } = attempt;
  const { rooms, pool, undo, served, reach } = cluster;
  const listener = attempt.onRoomEvent.bind(attempt);
  const subscription = await served.enter(room, listener).catch(error => SignalError.from(error));
  if (subscription instanceof SignalError) return { type: 'rejected', error: subscription, isOver: false };
  let isAnew = false;
  try {
    const claim = await rooms.claim(identityOf(attempt));
    if (claim.status === 'room-not-open')
      throw new SignalError(claim.status, { retryAfterMs: Math.ceil(claim.retryAfterMs) });
    if (claim.status === 'presenter-exists')
      throw new SignalError(claim.status, claim.isAbsent ? { retryAfterMs: absentRetryMs } : {});
    if (claim.status !== 'claimed') throw new SignalError(claim.status);
    const { generation, sessions } = claim;
    isAnew = claim.isAnew;
    await reach('presenter:claimed');
    try {
      return {
        type: 'accepted',
        subscription,
        ...(await broadcast(cluster, attempt, { generation, sessions }, sdpOffer)),
      };
    } catch (error) {
      // While the media before still plays its slots are taken; they go with the room.
      if (!isAnew) undo.run('release reservation', () => pool.release({ room, generation }));
      throw error;
    }
  } catch (thrown) {
    subscription.close();
    const error = SignalError.from(thrown);
    const isOver = !isAnew && error.code !== 'fenced';
    if (isOver && !neverIn.has(error.code)) undo.run('leave', () => leave(cluster, identityOf(attempt)));
    return { type: 'rejected', error, isOver };
  }
}

async function broadcast(
  cluster: Cluster,
  attempt: Attempt,
  { generation, sessions }: { generation: number; sessions: number },
  sdpOffer: string,
): Promise<{ sdpAnswer: string; media: JoinedMedia; seq: number }> {
  const { room, session, signal } = attempt;
  const { rooms, pool, media, undo, reach, placement } = cluster;
  if (signal.aborted) throw new SignalError('out-of-order', { message: 'the client gave up' });

  const place = await pool.reserve({ room, generation, slots: Math.max(firstSlots, sessions), ...placement });
  if (place.status === 'pool-full') {
    // One that has just come, or come back, is warmed up within a moment.
    if (!cluster.isPoolUp()) throw new SignalError('media-unavailable', { retryAfterMs: warmUpRetryMs });
    throw new SignalError('pool-full', { retryAfterMs: cluster.poolFullRetryMs });
  }
  if (place.status === 'superseded') throw new SignalError('fenced');
  const { server, slots } = place;
  await reach('presenter:reserved');

  const onEvent = attempt.onEndpointEvent.bind(attempt);
  const { speech, trace } = attempt;
  const order = { server, room, session, generation, speech, sdpOffer, onEvent, signal, trace };
  const { pipeline, endpoint, sdpAnswer } = await media.publish(order).catch(measured(cluster, server));
  let seq: number;
  let keepsFormer: boolean;
  try {
    await reach('presenter:published');
    const opened = await rooms.goLive({
      ...identityOf(attempt),
      generation,
      server,
      pipeline,
      endpoint,
      slots,
    });
    if (opened.status === 'fenced') throw new SignalError('fenced');
    // The store lost its data, or the claim's time was over: the client may try again.
    if (opened.status === 'unknown') throw new SignalError('unavailable', { retryAfterMs: 1_000 });
    await reach('presenter:live');
    cluster.presence.touch(room);
    const { previous } = opened;
    seq = opened.seq;
    keepsFormer = opened.hasFormer;
    if (previous) undo.run('release pipeline', () => media.releasePipeline(previous));
  } catch (error) {
    undo.run('release pipeline', () => media.releasePipeline({ server, pipeline }));
    throw error;
  }
  undo.run('keep reservation', () => pool.keep({ room, generation, keepsFormer }));
  return { sdpAnswer, media: { generation, server, pipeline, endpoint, source: endpoint }, seq };
}
