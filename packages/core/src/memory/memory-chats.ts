import type { ChatContent, RoomName } from '@manycast/protocol';
import {
  type Audience,
  advanced,
  type ChatEntry,
  type ChatSettings,
  type ChatSummary,
  usualChat,
} from '../domain/chat.js';
import type { FeedListener, FeedSubscription, RoomFeed } from '../ports/room-feed.js';

interface Opening {
  epoch: string;
  entries: ChatEntry[];
  last: number;
  startedAtMs: number | null;
  closesAtMs: number | null;
  slowModeMs: number;
}

/** The chats' logs of one process, and the feed on them. `MemoryRoomStore` opens and ends them. */
export class MemoryChats implements RoomFeed {
  private readonly openings = new Map<RoomName, Opening[]>();
  private readonly listeners = new Map<RoomName, Set<FeedListener>>();
  private readonly audiences = new Map<RoomName, Audience>();

  constructor(
    private readonly now: () => number,
    readonly settings: ChatSettings = usualChat,
  ) {}

  opened(room: RoomName, generation: number): void {
    const all = this.openings.get(room) ?? [];
    const epoch = `${this.now()}-${generation}`;
    this.openings.set(room, all);
    all.push({ epoch, entries: [], last: 0, startedAtMs: null, closesAtMs: null, slowModeMs: 0 });
  }

  wentLive(room: RoomName): void {
    const opening = this.present(room);
    if (opening) opening.startedAtMs ??= this.now();
  }

  ended(room: RoomName): void {
    const opening = this.present(room);
    if (!opening) return;
    opening.closesAtMs = this.now() + this.settings.afterglowMs;
    if (opening.startedAtMs === null && opening.last === 0) return;
    this.append(room, { type: 'ended', closesAtMs: opening.closesAtMs });
  }

  append(room: RoomName, content: ChatContent): ChatEntry | undefined {
    const opening = this.present(room);
    if (!opening) return undefined;
    opening.last += 1;
    const { epoch, last: offset, startedAtMs } = opening;
    const atMs = this.now();
    const entry: ChatEntry = { ...content, epoch, offset, atMs, intoMs: atMs - (startedAtMs ?? atMs) };
    opening.entries.push(entry);
    if (opening.entries.length > this.settings.kept) opening.entries.shift();
    if (content.type === 'slow-mode') opening.slowModeMs = content.intervalMs;
    queueMicrotask(() => {
      for (const listener of [...(this.listeners.get(room) ?? [])]) listener.onEntry(entry);
    });
    return entry;
  }

  tellPresence(room: RoomName, audience: Audience): void {
    this.audiences.set(room, audience);
    queueMicrotask(() => {
      for (const listener of [...(this.listeners.get(room) ?? [])]) listener.onPresence(audience);
    });
  }

  /** The named log, or the one that is written now. */
  log(room: RoomName, epoch?: string): Opening | undefined {
    const all = this.openings.get(room) ?? [];
    return epoch === undefined ? all.at(-1) : all.find(opening => opening.epoch === epoch);
  }

  summary(room: RoomName): ChatSummary | null {
    const opening = this.present(room);
    if (!opening) return null;
    const { epoch, last: offset, closesAtMs, slowModeMs } = opening;
    const audience = this.audiences.get(room) ?? { viewers: 0, isPresenterAway: false };
    return { epoch, offset, closesAtMs, slowModeMs, ...audience };
  }

  async subscribe(room: RoomName, listener: FeedListener): Promise<FeedSubscription> {
    const listeners = this.listeners.get(room) ?? new Set();
    this.listeners.set(room, listeners);
    let summary = this.summary(room);
    const own: FeedListener = {
      onEntry: entry => {
        summary = advanced(summary, entry);
        listener.onEntry(entry);
      },
      onPresence: audience => listener.onPresence(audience),
    };
    listeners.add(own);
    return {
      close: () => void listeners.delete(own),
      get summary() {
        return summary;
      },
    };
  }

  endedOpenings(room: RoomName): { epoch: string; endedAtMs: number }[] {
    const { afterglowMs } = this.settings;
    return (this.openings.get(room) ?? [])
      .flatMap(({ epoch, closesAtMs }) =>
        closesAtMs === null ? [] : [{ epoch, endedAtMs: closesAtMs - afterglowMs }],
      )
      .reverse();
  }

  audience(room: RoomName): Audience | undefined {
    return this.audiences.get(room);
  }

  /** As a store that lost everything. */
  clear(): void {
    this.openings.clear();
  }

  private present(room: RoomName): Opening | undefined {
    return this.openings.get(room)?.at(-1);
  }
}
