import type { SessionId } from '@manycast/protocol';
import type { JournalEntry, SessionJournal } from '../ports/session-journal.js';

export class MemorySessionJournal implements SessionJournal {
  private readonly entries = new Map<SessionId, JournalEntry[]>();

  note(session: SessionId, entry: JournalEntry): void {
    this.entries.set(session, [...(this.entries.get(session) ?? []), entry]);
  }

  async read(session: SessionId): Promise<JournalEntry[]> {
    return this.entries.get(session) ?? [];
  }
}
