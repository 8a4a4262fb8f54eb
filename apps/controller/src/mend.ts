import {
  type DetachedSession,
  type ExpiryQueue,
  type GracePeriods,
  giveBack,
  graceMsOf,
  type MediaEngine,
  type MediaInspector,
  type NodeInbox,
  type PoolStore,
  type PresenceHerald,
  type RoomStore,
  type Undo,
} from '@manycast/core';
import { type EndpointId, type MediaServerUrl, type PipelineId, SignalError } from '@manycast/protocol';
import type { Repair } from './repair.js';

export interface MendOptions {
  rooms: RoomStore;
  pool: PoolStore;
  media: Pick<MediaEngine, 'releaseEndpoint' | 'releasePipeline'>;
  inspector: MediaInspector;
  inbox: NodeInbox;
  expiries: ExpiryQueue;
  undo: Undo;
  grace: GracePeriods;
  presence: Pick<PresenceHerald, 'touch'>;
}

/**
 * Puts one thing right. Idempotent, and fenced by the store where somebody else may have changed it meanwhile. False
 * when there was nothing to repair after all. Throws SignalError.
 */
export async function mend(options: MendOptions, repair: Repair): Promise<boolean> {
  const { rooms, pool, media, inbox, expiries, grace } = options;
  switch (repair.kind) {
    case 'orphan-endpoint':
      if (!(await isOurs(options, repair.server, repair.endpoint))) return false;
      await media.releaseEndpoint(repair);
      return true;
    case 'orphan-pipeline':
      if (!(await isOurs(options, repair.server, repair.pipeline))) return false;
      await media.releasePipeline(repair);
      return true;
    case 'lost-media': {
      const { node, room, session, epoch, generation } = repair;
      await inbox.send(node, { type: 'media-lost', room, session, epoch, generation });
      return true;
    }
    case 'expiry':
      await expiries.schedule(repair.expiry, repair.delayMs);
      return repair.isOverdue;
    case 'lost-node': {
      const lost = await rooms.detachNode(repair);
      const schedule = ({ session, epoch, role, speech }: DetachedSession) => {
        const expiry = { room: repair.room, session, epoch };
        return expiries.schedule(expiry, speech === 'tutorial' ? 0 : graceMsOf(role, grace));
      };
      await Promise.all(lost.map(schedule));
      return lost.length > 0;
    }
    case 'abandoned-room': {
      const result = await rooms.endAbandoned(repair);
      giveBack(options, repair, result);
      return result.status === 'ended';
    }
    case 'stale-reservation':
      await pool.release(repair);
      return true;
    case 'unkept-reservation':
      await pool.keep(repair);
      return true;
    case 'missing-reservation':
      await pool.restore(repair);
      return true;
  }
}

/** Whether it is still there, and was made by this product. */
async function isOurs(
  { inspector }: MendOptions,
  server: MediaServerUrl,
  object: PipelineId | EndpointId,
): Promise<boolean> {
  try {
    return (await inspector.tags({ server, object })) !== null;
  } catch (error) {
    if (SignalError.from(error).code === 'media-gone') return false;
    throw error;
  }
}
