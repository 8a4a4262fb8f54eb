import { listRoom, moderate, type PresenceReport, type RoomDirectory } from '@manycast/core';
import type { RoomName } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';

export interface DirectoryKeeperOptions {
  directory: RoomDirectory;
  /** What closing a room takes. */
  closing: Parameters<typeof moderate>[0];
  log: Logger;
}

/** Rooms of one look. */
const lookLimit = 200;

/**
 * Looks after what nodes leave untold when they die: rooms that are listed and are over, and rooms that have lasted for as
 * long as they may. Safe at any time and on several controllers.
 */
export class DirectoryKeeper {
  private after: string | null = null;

  constructor(private readonly options: DirectoryKeeperOptions) {}

  /** A part of the directory at a time, from its beginning again after its end; `touch` has each room looked at. */
  async look(touch: (room: RoomName) => void): Promise<void> {
    const page = await this.options.directory.list({ after: this.after ?? '0', limit: lookLimit });
    for (const { room } of page.rooms) touch(room);
    this.after = page.next;
  }

  /** What was found out about a room. Throws SignalError `unavailable`. */
  async note(room: RoomName, report: PresenceReport): Promise<void> {
    const { directory, closing, log } = this.options;
    await listRoom(directory, room, report, true);
    if (!('card' in report) || report.card.endsAtMs === null || report.card.endsAtMs > Date.now()) return;
    log.info({ room }, 'the room has lasted for as long as it may');
    await moderate(closing, { room, by: null, clientId: 'max-duration', act: { type: 'close' } });
  }
}
