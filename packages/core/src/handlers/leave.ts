import type { RoomName, SessionId } from '@manycast/protocol';
import type { SessionMedia } from '../attempt.js';
import type { Cluster } from '../cluster.js';

/**
 * Ends a session: a viewer's endpoint, or a presenter's whole room, goes (R-ROOM-4, R-ROOM-5). Idempotent.
 * `media`: what this node knows the session to have. It is released even when the store knows the session no
 * more, which is what a lost reply looks like the second time. Throws SignalError `unavailable` when the store
 * cannot be asked; the releases go on in the background.
 */
export async function leave(
  cluster: Cluster,
  { room, session }: { room: RoomName; session: SessionId },
  media?: SessionMedia,
): Promise<void> {
  const { rooms, pool, undo } = cluster;
  const result = await rooms.leave({ room, session });
  switch (result.status) {
    case 'ended': {
      const { generation } = result;
      if (result.media) releasePipeline(cluster, result.media);
      undo.run('release reservation', () => pool.release({ room, generation }));
      return;
    }
    case 'left': {
      const { server, endpoint } = result;
      if (endpoint) undo.run('release endpoint', () => cluster.media.releaseEndpoint({ server, endpoint }));
      return;
    }
    case 'unknown': {
      if (media?.role === 'viewer') undo.run('release endpoint', () => cluster.media.releaseEndpoint(media));
      if (media?.role === 'presenter') {
        releasePipeline(cluster, media);
        undo.run('release reservation', () => pool.release({ room, generation: media.generation }));
      }
    }
  }
}

function releasePipeline({ media, undo }: Cluster, ref: Pick<SessionMedia, 'server' | 'pipeline'>): void {
  undo.run('release pipeline', () => media.releasePipeline(ref));
}
