import { SignalError } from '@manycast/protocol';
import { type Attempt, identityOf, type JoinedMedia, type Outcome } from '../attempt.js';
import type { Cluster } from '../cluster.js';
import type { RoomEvent } from '../domain/event.js';
import type { SessionMedia } from '../domain/session.js';
import { nextSlots } from '../domain/slots.js';
import { Wake } from '../domain/wake.js';
import type { EndpointEvent } from '../ports/media-engine.js';
import type { JoinResult } from '../ports/room-store.js';
import { leave } from './leave.js';
import { measured } from './measured.js';
import { Switchover } from './switchover.js';

type Joined = Extract<JoinResult, { status: 'joined' }>;

/**
 * Enters the room, has an endpoint made next to the presenter's and notes it. The room's events are subscribed
 * to before the room is asked: a presenter that leaves in between is then either seen by `confirm`, which is
 * fenced, or heard of afterwards. A viewer that offers again keeps its place, and its old endpoint until the new
 * one is noted.
 */
export async function viewer(cluster: Cluster, attempt: Attempt, sdpOffer: string): Promise<Outcome> {
  const { room } = attempt;
  const { undo, served } = cluster;
  const wake = new Wake();
  const subscription = await served
    .enter(room, roomListener(wake, attempt))
    .catch(error => SignalError.from(error));
  if (subscription instanceof SignalError) return { type: 'rejected', error: subscription, isOver: false };

  const own: { previous: SessionMedia | null; generation?: number } = { previous: null };
  try {
    for (let tries = 1; ; tries += 1) {
      try {
        return { type: 'accepted', subscription, ...(await enter(cluster, attempt, sdpOffer, wake, own)) };
      } catch (error) {
        if (tries === mostTries || !(await hasMovedOn(cluster, attempt, own))) throw error;
      }
    }
  } catch (thrown) {
    subscription.close();
    const error = SignalError.from(thrown);
    const isOver = own.previous === null && error.code !== 'fenced';
    if (isOver) undo.run('leave', () => leave(cluster, identityOf(attempt)));
    return { type: 'rejected', error, isOver };
  }
}

// What listens lives as long as the session, so it is made where it holds nothing else of the join.

const roomListener = (wake: Wake, attempt: Attempt) => (event: RoomEvent) => {
  wake.up();
  attempt.onRoomEvent(event);
};

const endpointListener = (switchover: Switchover, attempt: Attempt) => (event: EndpointEvent) => {
  switchover.onEndpointEvent(event);
  attempt.onEndpointEvent(event);
};

/** A room does not move more often than that while somebody joins. */
const mostTries = 3;

/** One go: what it made is released when it fails. `own`: what the session has, and the generation it went for. */
async function enter(
  cluster: Cluster,
  attempt: Attempt,
  sdpOffer: string,
  wake: Wake,
  own: { previous: SessionMedia | null; generation?: number },
): Promise<{ sdpAnswer: string; media: JoinedMedia; seq: number }> {
  const { room, session, speech, signal, trace } = attempt;
  const { rooms, media, undo, reach } = cluster;
  const { previous, ...joined } = await joinWhenLive(cluster, attempt, wake);
  const { generation, server, pipeline, source } = joined;
  own.previous = previous;
  own.generation = generation;
  cluster.presence.touch(room);
  await reach('viewer:joined');
  const switchover = new Switchover(cluster.switchover);
  const onEvent = endpointListener(switchover, attempt);
  const { endpoint, sdpAnswer } = await media
    .view({ server, room, session, generation, speech, pipeline, source, sdpOffer, onEvent, signal, trace })
    .catch(measured(cluster, server))
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
  if (previous) {
    const release = () => undo.run('release endpoint', () => media.releaseEndpoint(previous));
    // What the client had in the same pipeline was of no use to it; what plays elsewhere it watches meanwhile.
    if (previous.pipeline === pipeline) release();
    else void switchover.done().then(release);
  }
  return { sdpAnswer, media: { ...made, source }, seq: joined.seq };
}

/** Whether it failed because the room's media was moved, or lost, in the middle: then there is another to go for. */
async function hasMovedOn(
  { rooms }: Cluster,
  { room, signal }: Attempt,
  { generation }: { generation?: number },
): Promise<boolean> {
  if (generation === undefined || signal.aborted) return false;
  const now = await rooms.summary(room);
  return now.state !== 'ended' && now.generation > generation;
}

/** Joins, waiting for a presenter that is being set up (R-ROOM-3) and asking the pool for more slots when the room has none left. */
async function joinWhenLive(cluster: Cluster, attempt: Attempt, wake: Wake): Promise<Joined> {
  const { room, signal } = attempt;
  const { rooms, pool } = cluster;
  // Most never wait; for each a timer would go off later, and an error be made.
  let deadline: AbortSignal | undefined;
  let granted: { generation: number; slots: number } | undefined;
  while (true) {
    const joined = await rooms.join({ ...identityOf(attempt), ...(granted && { granted }) });
    if (joined.status === 'joined') return joined;
    if (joined.status === 'room-full')
      throw new SignalError('room-full', { retryAfterMs: cluster.poolFullRetryMs });
    if (joined.status === 'no-presenter' || joined.status === 'fenced' || joined.status === 'banned')
      throw new SignalError(joined.status);
    if (joined.status === 'starting') {
      deadline ??= AbortSignal.any([signal, AbortSignal.timeout(cluster.presenterWaitMs)]);
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
