import type { Attachment, Attempt, EndpointEvent, Grants, RoomEvent } from '@manycast/core';
import type { NodeId, RoomName, SessionId, Speech } from '@manycast/protocol';

export interface OfferListeners {
  onEndpointEvent(event: EndpointEvent): void;
  onRoomEvent(event: RoomEvent): void;
}

/** Without a reason an error would be made for each, stack and all. */
const reason = 'given up';

/** One offer (or one resume) of a client. Once given up, nothing that belongs to it is heard any more. */
export class ClientOffer implements Attempt {
  readonly room: RoomName;
  readonly session: SessionId;
  readonly node: NodeId;
  readonly epoch: number;
  isGivenUp = false;
  /** There while something that can be broken off is under way. */
  private controller: AbortController | undefined;

  constructor(
    attachment: Attachment,
    readonly speech: Speech,
    /** Known when its client has been let in. */
    public grants: Grants,
    readonly trace: string,
    private readonly listeners: OfferListeners,
  ) {
    ({ room: this.room, session: this.session, node: this.node, epoch: this.epoch } = attachment);
  }

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.isGivenUp) this.controller.abort(reason);
    return this.controller.signal;
  }

  /** Nothing of it is under way any more: what would break it off is let go of. */
  answered(): void {
    this.controller = undefined;
  }

  giveUp(): void {
    this.isGivenUp = true;
    this.controller?.abort(reason);
  }

  onEndpointEvent(event: EndpointEvent): void {
    if (!this.isGivenUp) this.listeners.onEndpointEvent(event);
  }

  onRoomEvent(event: RoomEvent): void {
    if (!this.isGivenUp) this.listeners.onRoomEvent(event);
  }
}
