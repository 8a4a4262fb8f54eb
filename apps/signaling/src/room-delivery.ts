import type { RoomEvent } from '@manycast/core';
import type { ServerMessage, Speech } from '@manycast/protocol';
import { sharedMessage } from './shared-message.js';

export interface RoomDeliveryOptions {
  speech: Speech;
  send(message: ServerMessage): void;
  /** The broadcast of that generation, and of all before it, is over. */
  onPresenterLeft(generation: number): void;
  /** The room's media is of that generation now. */
  onPresenterLive(generation: number): void;
}

/** As many as a room's log keeps. */
const maxEarly = 256;

/**
 * A room's events on their way to one client: in order, each once (R-BUS-1). What happens while it is still joining
 * waits for its answer, which says from where events count.
 */
export class RoomDelivery {
  /** Of the last event the client was sent; undefined until it has joined. */
  private lastSeq: number | undefined;
  private readonly early: RoomEvent[] = [];
  /** The newest broadcasts that are known to be over, and to be live; known before the client is told. */
  private endedGeneration = 0;
  private liveGeneration = 0;

  constructor(private readonly options: RoomDeliveryOptions) {}

  /** 0 before it has joined. */
  get seq(): number {
    return this.lastSeq ?? 0;
  }

  /** Whether the presenter of that generation's media is known to have left. */
  isEnded(generation: number): boolean {
    return generation <= this.endedGeneration;
  }

  /** The client knows what happened up to there. */
  startAfter(seq: number): void {
    this.lastSeq = seq;
    for (const event of this.early.splice(0)) this.onRoomEvent(event);
  }

  /**
   * The client has joined: it is told that its broadcast is live, and from where events count. One that was there
   * before hears of its broadcast as of everything else, and only a newer one may have been missed meanwhile.
   */
  start(generation: number, seq: number): void {
    if (this.lastSeq !== undefined) return this.options.onPresenterLive(this.liveGeneration);
    if (this.options.speech === 'manycast.v1')
      this.options.send({ id: 'room', type: 'presenter-live', generation, seq });
    this.startAfter(seq);
  }

  onRoomEvent(event: RoomEvent): void {
    const { type, generation } = event;
    if (type === 'presenter-left') this.endedGeneration = Math.max(this.endedGeneration, generation);
    if (type === 'presenter-live') this.liveGeneration = Math.max(this.liveGeneration, generation);
    if (this.lastSeq === undefined) return this.keep(event);
    const { seq } = event;
    if (seq <= this.lastSeq) return;
    if (this.options.speech === 'manycast.v1') {
      // The bus has read the log by now. Said here, a hole costs nobody a resume.
      if (seq > this.lastSeq + 1) this.options.send({ id: 'gap', seq: seq - 1 });
      this.options.send(sharedMessage(event, () => ({ id: 'room', ...event })));
    }
    this.lastSeq = seq;
    switch (type) {
      case 'presenter-left':
        return this.options.onPresenterLeft(generation);
      case 'presenter-live':
        return this.options.onPresenterLive(generation);
    }
  }

  /** A client that joins for too long sees a gap, and fills it by a resume. */
  private keep(event: RoomEvent): void {
    this.early.push(event);
    if (this.early.length > maxEarly) this.early.shift();
  }
}
