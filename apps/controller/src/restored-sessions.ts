import { firstSlots, type ObjectTags, openGrants, type PoolStore, type RoomStore } from '@manycast/core';
import { asNodeId, asSessionId, type EndpointId } from '@manycast/protocol';
import type { FoundPipeline } from './pipeline-census.js';

export interface TaggedEndpoint {
  endpoint: EndpointId;
  tags: ObjectTags;
}

export interface RestoredBroadcast {
  sessions: Parameters<RoomStore['restore']>[0][];
  reservation: Parameters<PoolStore['restore']>[0];
}

/**
 * What the tags of one pipeline's endpoints say about its room. They do not tell the epoch: such a session is taken for
 * detached, with epoch 0, which any token resumes and any node that knows it replaces.
 */
export function restoredBroadcast(
  found: FoundPipeline,
  endpoints: TaggedEndpoint[],
  nowMs: number,
): RestoredBroadcast {
  const { server, pipeline, room, generation } = found;
  const own = endpoints.filter(({ tags }) => tags.generation === generation && tags.room === room);
  const source = own.find(({ tags }) => tags.role === 'presenter')?.endpoint ?? null;
  const slots = Math.max(firstSlots, own.length);
  return {
    sessions: own.map(({ endpoint, tags }) => ({
      room,
      session: asSessionId(tags.session),
      record: {
        role: tags.role === 'presenter' ? 'presenter' : 'viewer',
        speech: tags.speech,
        // The tags do not say what its token granted.
        grants: openGrants,
        node: asNodeId(''),
        epoch: 0,
        media: { generation, server, pipeline, endpoint },
        detachedAtMs: nowMs,
      },
      source,
      // Tags do not tell: the store goes on above whatever it was.
      seq: 0,
      slots,
    })),
    reservation: { room, generation, server, slots },
  };
}
