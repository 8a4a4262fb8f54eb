import type { ExpelReason, NodeId, RoomName, SessionId } from '@manycast/protocol';

/** A message for a session whose socket is on another node. `epoch`: the attachment it is meant for. */
export type InboxMessage =
  /** A newer socket carries the session now. */
  | { type: 'superseded'; room: RoomName; session: SessionId; epoch: number }
  /** The session's endpoint is gone: offer again. `generation`: of what is lost; who has newer media has done so already. */
  | { type: 'media-lost'; room: RoomName; session: SessionId; epoch: number; generation?: number }
  /** The room is to go on elsewhere: offer again, while what there is plays on. */
  | { type: 'media-moved'; room: RoomName; session: SessionId; epoch: number; generation: number }
  /** The session has been ended against its client's wish. */
  | { type: 'expelled'; room: RoomName; session: SessionId; epoch: number; reason: ExpelReason };

/**
 * Messages to one node. At most once: what must not be lost is also in the store, and a superseded socket is fenced
 * there whether it hears of it or not.
 */
export interface NodeInbox {
  /** Resolves when messages sent from now on will be delivered; waits for the bus as long as it takes. To be called once. */
  open(node: NodeId, listener: (message: InboxMessage) => void): Promise<void>;
  send(node: NodeId, message: InboxMessage): Promise<void>;
}
