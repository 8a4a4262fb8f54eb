import type { NodeInbox, RoomView, Session } from '@manycast/core';
import type { RoomName, SessionId } from '@manycast/protocol';

type Reason = { type: 'media-lost'; generation?: number } | { type: 'media-moved'; generation: number };

/** Tells a session that has a socket. It may not hear it: whoever tells looks whether it has acted, and tells again. */
async function tell(
  inbox: NodeInbox,
  room: RoomName,
  [session, { node, epoch, detachedAtMs }]: [SessionId, Session],
  reason: Reason,
): Promise<void> {
  if (detachedAtMs === null) await inbox.send(node, { ...reason, room, session, epoch });
}

export async function tellPresenter(
  inbox: NodeInbox,
  room: RoomName,
  { presenter, sessions }: RoomView,
  reason: Reason,
): Promise<void> {
  const session = presenter === null ? undefined : sessions.get(presenter);
  if (presenter !== null && session) await tell(inbox, room, [presenter, session], reason);
}

/** Tutorial pages cannot build anything anew: their pictures are over, and they are told so. */
export async function stopPages(
  inbox: NodeInbox,
  room: RoomName,
  view: RoomView,
  generation: number,
): Promise<void> {
  const pages = [...view.sessions].filter(
    ([id, { speech, role, media }]) =>
      id !== view.presenter && role === 'viewer' && speech === 'tutorial' && media !== null,
  );
  await Promise.all(pages.map(page => tell(inbox, room, page, { type: 'media-lost', generation })));
}
