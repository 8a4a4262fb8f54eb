import type { RoomEvent } from '@manycast/core';
import type { ServerMessage, Speech } from '@manycast/protocol';

export interface RoomDeliveryOptions {
  speech: Speech;
  send(message: ServerMessage): void;
  /** Before it has joined a client has no use for the room's events: its answer says from where they count. */
  hasJoined(): boolean;
  /** The broadcast of that generation, and of all before it, is over. */
  onPresenterLeft(generation: number): void;
  /** The room's media is of that generation now. */
  onPresenterLive(generation: number): void;
}

/** A room's events on their way to one client: in order, each once (R-BUS-1). */
export class RoomDelivery {
  /** Of the last event the client was sent. */
  private lastSeq = 0;
  /** The newest broadcast of the room that is known to be over. */
  private endedGeneration = 0;

  constructor(private readonly options: RoomDeliveryOptions) {}

  get seq(): number {
    return this.lastSeq;
  }

  /** Whether the presenter of that generation's media is known to have left. */
  isEnded(generation: number): boolean {
    return generation <= this.endedGeneration;
  }

  /** The client knows what happened up to there. */
  startAfter(seq: number): void {
    this.lastSeq = seq;
  }

  /** A session that has just joined is told that its own broadcast is live, unless it has been told of it, or of later things. */
  tellLive(generation: number, seq: number): void {
    if (this.options.speech !== 'manycast.v1' || seq <= this.lastSeq) return;
    this.lastSeq = seq;
    this.options.send({ id: 'room', type: 'presenter-live', generation, seq });
  }

  onRoomEvent(event: RoomEvent): void {
    if (this.options.speech === 'manycast.v1') {
      if (event.seq <= this.lastSeq) return;
      this.lastSeq = event.seq;
      if (this.options.hasJoined()) this.options.send({ id: 'room', ...event });
    }
    switch (event.type) {
      case 'presenter-left':
        this.endedGeneration = Math.max(this.endedGeneration, event.generation);
        return this.options.onPresenterLeft(event.generation);
      case 'presenter-live':
        return this.options.onPresenterLive(event.generation);
    }
  }
}
