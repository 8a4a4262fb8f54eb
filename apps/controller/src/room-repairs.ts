import { type GracePeriods, graceMsOf, type RoomView, type Session } from '@manycast/core';
import type { EndpointId, NodeId, RoomName, SessionId } from '@manycast/protocol';
import type { Patience, Repair } from './repair.js';

/** A room in Redis beside its pipeline on the media server. */
export interface RoomSnapshot {
  room: RoomName;
  view: RoomView;
  /** In the pipeline of `view.media`, listed after `view` was read; null when the server could not be asked. */
  endpoints: EndpointId[] | null;
  /** Those of them that no session had, neither in `view` nor when the room was read once more after the listing. */
  unowned: EndpointId[];
}

export interface Circumstances {
  nodes: { live: ReadonlySet<NodeId>; expired: ReadonlySet<NodeId> };
  grace: GracePeriods;
  /** Unix ms. */
  nowMs: number;
  /** False when absence proves nothing: only what takes nothing from anybody is repaired. */
  isSettled: boolean;
}

/** A job that is late by less is late by the ordinary. */
const OVERDUE_MS = 10_000;
/** A job may be lost with the Redis it was in. */
const RESCHEDULE_MS = 60_000;

/** What of `endpoints` no session of the room has. */
export function unownedEndpoints(endpoints: EndpointId[], { sessions }: RoomView): EndpointId[] {
  const owned = new Set([...sessions.values()].map(({ media }) => media?.endpoint));
  return endpoints.filter(endpoint => !owned.has(endpoint));
}

/** What may be wrong with a room. */
export function roomRepairs(
  snapshot: RoomSnapshot,
  circumstances: Circumstances,
  patience: Patience,
): Repair[] {
  const { room, view, unowned } = snapshot;
  const sessions = [...view.sessions];
  const expiries = sessions.flatMap(([id, session]) => expiryOf(room, id, session, circumstances));
  if (!circumstances.isSettled) return expiries;
  const { media } = view;
  const orphans = media
    ? unowned.map(
        (endpoint): Repair => ({
          kind: 'orphan-endpoint',
          key: `endpoint ${media.server} ${endpoint}`,
          afterMs: patience.orphanMs,
          server: media.server,
          endpoint,
        }),
      )
    : [];
  return [
    ...expiries,
    ...orphans,
    ...lostMedia(snapshot, patience),
    ...lostNodes(snapshot, circumstances, patience),
    ...abandonment(snapshot, patience),
  ];
}

function expiryOf(
  room: RoomName,
  session: SessionId,
  { detachedAtMs, epoch, role, speech }: Session,
  { grace, nowMs }: Circumstances,
): Repair[] {
  if (detachedAtMs === null) return [];
  const isWatched = speech === 'tutorial';
  const dueInMs = isWatched ? 0 : detachedAtMs + graceMsOf(role, grace) - nowMs;
  return [
    {
      kind: 'expiry',
      // A node that lived after all takes a detachment back, and the next is another.
      key: `expiry ${room} ${session} ${epoch} ${detachedAtMs}`,
      afterMs: 0,
      repeatMs: RESCHEDULE_MS,
      expiry: { room, session, epoch },
      delayMs: Math.max(0, dueInMs),
      isOverdue: !isWatched && dueInMs < -OVERDUE_MS,
    },
  ];
}

/** While the media is built anew, or for a session without a socket, there is nobody to be told. */
function lostMedia({ room, view, endpoints }: RoomSnapshot, { againMs }: Patience): Repair[] {
  if (view.state !== 'live' || !view.media || !endpoints) return [];
  const existing = new Set(endpoints);
  const { pipeline } = view.media;
  return [...view.sessions].flatMap(([session, { media, node, epoch, detachedAtMs }]): Repair[] => {
    if (!media || detachedAtMs !== null) return [];
    if (media.pipeline === pipeline && existing.has(media.endpoint)) return [];
    // It has not followed yet to where the room moved.
    if (media.pipeline === view.former?.pipeline) return [];
    const key = `media ${room} ${session} ${epoch} ${media.endpoint}`;
    const { generation } = media;
    const lost = { room, session, node, epoch, generation };
    return [{ kind: 'lost-media', key, afterMs: againMs, repeatMs: 4 * againMs, ...lost }];
  });
}

function lostNodes({ room, view }: RoomSnapshot, { nodes }: Circumstances, { orphanMs }: Patience): Repair[] {
  const attached = [...view.sessions.values()].filter(({ detachedAtMs }) => detachedAtMs === null);
  const lost = new Set(
    attached.map(({ node }) => node).filter(node => !nodes.live.has(node) && !nodes.expired.has(node)),
  );
  return [...lost].map(node => ({
    kind: 'lost-node',
    key: `node ${room} ${node}`,
    afterMs: orphanMs,
    room,
    node,
  }));
}

function abandonment({ room, view }: RoomSnapshot, { orphanMs }: Patience): Repair[] {
  const { state, presenter, generation, sessions } = view;
  if (state === 'ended' || (presenter !== null && sessions.has(presenter))) return [];
  const key = `room ${room} ${generation}`;
  return [{ kind: 'abandoned-room', key, afterMs: orphanMs, room, generation }];
}
