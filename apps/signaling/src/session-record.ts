import {
  type Attachment,
  firstSlots,
  type Grants,
  type JoinedMedia,
  type Role,
  type RoomStore,
  type SessionMedia,
} from '@manycast/core';
import type { Speech } from '@manycast/protocol';

/** A session as its node knows it. */
export interface KnownSession {
  role: Role;
  attachment: Attachment;
  speech: Speech;
  grants: Grants;
  trace: string;
  media: SessionMedia & Partial<JoinedMedia>;
  /** Of the last room event that its client was sent. */
  seq: number;
}

/** What is put back of it in a store that has lost its data. */
export function recordOf(known: KnownSession): Parameters<RoomStore['restore']>[0] {
  const { role, attachment, speech, grants, trace, media, seq } = known;
  const { room, session, node, epoch } = attachment;
  const { generation, server, pipeline, endpoint } = media;
  const own = { generation, server, pipeline, endpoint };
  return {
    room,
    session,
    record: { role, speech, grants, trace, node, epoch, media: own, detachedAtMs: null },
    source: role === 'presenter' ? endpoint : (media.source ?? null),
    seq,
    slots: firstSlots,
  };
}
