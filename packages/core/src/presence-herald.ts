import type { RoomName } from '@manycast/protocol';
import type { ChatStore, PresenceReport } from './ports/chat-store.js';

export interface PresenceHeraldOptions {
  chat: Pick<ChatStore, 'tellPresence'>;
  /** What was found out about a room on the way. */
  onReport(room: RoomName, report: PresenceReport): Promise<void>;
}

/** Between two tellings of one room, whichever process tells. */
const pauseMs = 1_000;
/** A first change is not told at once: what comes with it is told with it, and the join that made it has the store to itself. */
const gatherMs = 200;

/**
 * Has everybody told when the number of a room's viewers may have changed: never one message for one viewer, and at most
 * one a second for a room. Whoever changes a room's sessions says so here. What a process that dies has not told is told by
 * a controller's next look at the room.
 */
export class PresenceHerald {
  private readonly waiting = new Map<RoomName, NodeJS.Timeout>();
  private readonly running = new Set<RoomName>();
  private readonly again = new Set<RoomName>();
  private isStopped = false;

  constructor(private readonly options: PresenceHeraldOptions) {}

  touch(room: RoomName): void {
    if (this.running.has(room)) this.again.add(room);
    else this.schedule(room, gatherMs);
  }

  stop(): void {
    this.isStopped = true;
    for (const timer of this.waiting.values()) clearTimeout(timer);
  }

  private schedule(room: RoomName, delayMs: number): void {
    if (this.isStopped || this.waiting.has(room)) return;
    this.waiting.set(
      room,
      setTimeout(() => {
        this.waiting.delete(room);
        void this.tell(room);
      }, delayMs).unref(),
    );
  }

  private async tell(room: RoomName): Promise<void> {
    this.running.add(room);
    let dueInMs: number | undefined;
    try {
      const report = await this.options.chat.tellPresence(room, pauseMs);
      if (report.status === 'early') dueInMs = report.dueInMs;
      await this.options.onReport(room, report);
    } catch {
      // The store is away: whatever it is then will be told.
      dueInMs = pauseMs;
    }
    this.running.delete(room);
    if (this.again.delete(room)) dueInMs ??= pauseMs;
    if (dueInMs !== undefined) this.schedule(room, dueInMs);
  }
}
