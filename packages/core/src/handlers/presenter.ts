import { SignalError } from '@manycast/protocol';
import type { Attempt, Outcome } from '../attempt.js';
import type { Cluster } from '../cluster.js';
import { firstSlots } from '../domain/slots.js';
import { leave } from './leave.js';

/**
 * Takes the presenter's place, has the pool choose a media server, builds the pipeline there and opens the room.
 * Whatever fails, and wherever the client gives up, everything before it is taken back.
 */
export async function presenter(cluster: Cluster, attempt: Attempt, sdpOffer: string): Promise<Outcome> {
  const { room, session } = attempt;
  const { rooms, pool, undo, node } = cluster;
  try {
    const claim = await rooms.claim({ room, session, node });
    if (claim.status === 'presenter-exists')
      return { type: 'rejected', error: new SignalError('presenter-exists') };
    const { generation } = claim;
    try {
      return await broadcast(cluster, attempt, generation, sdpOffer);
    } catch (error) {
      undo.run('release reservation', () => pool.release({ room, generation }));
      throw error;
    }
  } catch (error) {
    undo.run('leave', () => leave(cluster, attempt));
    return { type: 'rejected', error: SignalError.from(error) };
  }
}

async function broadcast(
  cluster: Cluster,
  attempt: Attempt,
  generation: number,
  sdpOffer: string,
): Promise<Outcome> {
  const { room, session, signal } = attempt;
  const { rooms, pool, media, undo } = cluster;
  if (signal.aborted) throw new SignalError('out-of-order', { message: 'the client gave up' });

  const place = await pool.reserve({ room, generation, slots: firstSlots });
  if (place.status === 'pool-full')
    throw new SignalError('pool-full', { retryAfterMs: cluster.poolFullRetryMs });
  if (place.status === 'superseded') throw new SignalError('presenter-exists');
  const { server, slots } = place;

  const onEvent = attempt.onEndpointEvent.bind(attempt);
  const order = { server, room, session, generation, sdpOffer, onEvent, signal };
  const { pipeline, endpoint, sdpAnswer } = await media.publish(order);
  try {
    const opened = await rooms.goLive({ room, session, generation, server, pipeline, endpoint, slots });
    if (opened === 'fenced')
      throw new SignalError('presenter-exists', { message: 'the place was given up or taken' });
  } catch (error) {
    undo.run('release pipeline', () => media.releasePipeline({ server, pipeline }));
    throw error;
  }
  undo.run('keep reservation', () => pool.keep({ room, generation }));
  return {
    type: 'accepted',
    sdpAnswer,
    media: { role: 'presenter', generation, server, pipeline, endpoint },
  };
}
