import type { Attachment, Attempt, EndpointEvent, Grants, RoomEvent } from '@manycast/core';
import type { NodeId, RoomName, SessionId, Speech } from '@manycast/protocol';

export interface OfferListeners {
  onEndpointEvent(event: EndpointEvent): void;
  onRoomEvent(event: RoomEvent): void;
}

/** One offer (or one resume) of a client. Once given up, nothing that belongs to it is heard any more. */
export class ClientOffer implements Attempt {
  readonly room: RoomName;
  readonly session: SessionId;
  readonly node: NodeId;
  readonly epoch: number;
  private readonly givenUp = new AbortController();
  readonly signal: AbortSignal = this.givenUp.signal;

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

  giveUp(): void {
    // Without a reason an error would be made for each, stack and all.
    this.givenUp.abort('given up');
  }

  onEndpointEvent(event: EndpointEvent): void {
    if (!this.signal.aborted) this.listeners.onEndpointEvent(event);
  }

  onRoomEvent(event: RoomEvent): void {
    if (!this.signal.aborted) this.listeners.onRoomEvent(event);
  }
}
