import type { JournalEntry, SessionJournal } from '@manycast/core';
import type { SessionId } from '@manycast/protocol';
import type { RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';

/** Entries kept of one session, and for how long after the last. */
const kept = 64;
const keptMs = 3_600_000;
/** A join makes half a dozen entries, which go together; they must not delay what is on its way to a client. */
const flushMs = 250;
/** Sessions whose entries may wait, also in an outage. */
const maxWaiting = 5_000;

/** One list per session. What cannot be written is dropped. */
export class RedisSessionJournal implements SessionJournal {
  private waiting = new Map<SessionId, JournalEntry[]>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
  ) {}

  note(session: SessionId, entry: JournalEntry): void {
    const entries = this.waiting.get(session);
    if (entries) entries.push(entry);
    else if (this.waiting.size < maxWaiting) this.waiting.set(session, [entry]);
    this.timer ??= setTimeout(() => void this.flush(), flushMs).unref();
  }

  async read(session: SessionId): Promise<JournalEntry[]> {
    const entries = await guard(() => this.redis.lrange(this.keys.journal(session), 0, -1));
    return entries.map(json => JSON.parse(json));
  }

  /** Never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { waiting } = this;
    this.waiting = new Map();
    const pipeline = this.redis.pipeline();
    for (const [session, entries] of waiting) {
      const key = this.keys.journal(session);
      pipeline.rpush(key, ...entries.map(entry => JSON.stringify(entry)));
      pipeline.ltrim(key, -kept, -1);
      pipeline.pexpire(key, keptMs);
    }
    await pipeline.exec().catch(() => {});
  }
}
