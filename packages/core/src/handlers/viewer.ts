import { SignalError } from '@manycast/protocol';
import { type Attempt, identityOf, type Outcome } from '../attempt.js';
import type { Cluster } from '../cluster.js';
import { nextSlots } from '../domain/slots.js';
import { Wake } from '../domain/wake.js';
import type { JoinResult } from '../ports/room-store.js';
import { leave } from './leave.js';

type Joined = Extract<JoinResult, { status: 'joined' }>;

/**
 * Enters the room, has an endpoint made next to the presenter's and notes it. The room's events are subscribed
 * to before the room is asked: a presenter that leaves in between is then either seen by `confirm`, which is
 * fenced, or heard of afterwards. A viewer that offers again keeps its place, and its old endpoint until the new
 * one is noted.
 */
export async function viewer(cluster: Cluster, attempt: Attempt, sdpOffer: string): Promise<Outcome> {
  const { room, session, speech, signal, trace } = attempt;
  const { rooms, media, undo, served, reach } = cluster;
  const wake = new Wake();
  const subscription = await served
    .enter(room, event => {
      wake.up();
      attempt.onRoomEvent(event);
    })
    .catch(error => SignalError.from(error));
  if (subscription instanceof SignalError) return { type: 'rejected', error: subscription, isOver: false };

  let previous: Joined['previous'] = null;
  try {
    const joined = await joinWhenLive(cluster, attempt, wake);
    const { generation, server, pipeline, source } = joined;
    previous = joined.previous;
    cluster.presence.touch(room);
    await reach('viewer:joined');
    const onEvent = attempt.onEndpointEvent.bind(attempt);
    const { endpoint, sdpAnswer } = await media
      .view({ server, room, session, generation, speech, pipeline, source, sdpOffer, onEvent, signal, trace })
      .catch(thrown => Promise.reject(goneMeansNoPresenter(SignalError.from(thrown))));
    const made = { generation, server, pipeline, endpoint };
    try {
      await reach('viewer:viewed');
      if ((await rooms.confirm({ ...identityOf(attempt), media: made })) === 'fenced')
        throw new SignalError('no-presenter');
      await reach('viewer:confirmed');
    } catch (error) {
      undo.run('release endpoint', () => media.releaseEndpoint(made));
      throw error;
    }
    const replaced = previous;
    if (replaced) undo.run('release endpoint', () => media.releaseEndpoint(replaced));
    return { type: 'accepted', sdpAnswer, media: { ...made, source }, seq: joined.seq, subscription };
  } catch (thrown) {
    subscription.close();
    const error = SignalError.from(thrown);
    const isOver = previous === null && error.code !== 'fenced';
    if (isOver) undo.run('leave', () => leave(cluster, identityOf(attempt)));
    return { type: 'rejected', error, isOver };
  }
}

/** Joins, waiting for a presenter that is being set up (R-ROOM-3) and asking the pool for more slots when the room has none left. */
async function joinWhenLive(cluster: Cluster, attempt: Attempt, wake: Wake): Promise<Joined> {
  const { room, signal } = attempt;
  const { rooms, pool } = cluster;
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(cluster.presenterWaitMs)]);
  let granted: { generation: number; slots: number } | undefined;
  while (true) {
    const joined = await rooms.join({ ...identityOf(attempt), ...(granted && { granted }) });
    if (joined.status === 'joined') return joined;
    if (joined.status === 'room-full')
      throw new SignalError('room-full', { retryAfterMs: cluster.poolFullRetryMs });
    if (joined.status === 'no-presenter' || joined.status === 'fenced' || joined.status === 'banned')
      throw new SignalError(joined.status);
    if (joined.status === 'starting') {
      await wake.next(deadline);
      if (deadline.aborted) throw new SignalError('no-presenter');
      continue;
    }
    const { generation, slots } = joined;
    const more = await pool.grow({ room, generation, slots: nextSlots(slots) });
    if (more.status === 'superseded') continue;
    if (more.status === 'pool-full' || more.slots <= slots) {
      throw new SignalError('pool-full', { retryAfterMs: cluster.poolFullRetryMs });
    }
    granted = { generation, slots: more.slots };
  }
}

/** The pipeline went away between joining and viewing: to the viewer that is a presenter who left. */
const goneMeansNoPresenter = (error: SignalError): SignalError =>
  error.code === 'media-gone' ? new SignalError('no-presenter', { cause: error }) : error;
