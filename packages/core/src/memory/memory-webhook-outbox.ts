import type { RoomName } from '@manycast/protocol';
import { isLevel, type Told } from '../domain/webhook-event.js';
import type { WebhookDemand } from '../ports/webhook-demand.js';
import type { Lane, OutboxEntry, WebhookOutbox } from '../ports/webhook-outbox.js';

interface Cursor {
  place: number;
  turn: string;
  failures: number;
}

/** Outbox and demand of one process, for fast tests. */
export class MemoryWebhookOutbox implements WebhookOutbox, WebhookDemand {
  private readonly sources = new Map<string, readonly string[]>();
  private readonly outboxes = new Map<RoomName, OutboxEntry[]>();
  private readonly cursors = new Map<RoomName, Map<string, Cursor>>();
  private onChange: (room: RoomName) => void = () => {};
  private places = 0;
  private nextLookMs = 0;

  constructor(private readonly now: () => number = Date.now) {}

  async announce(receivers: { id: string; sources: readonly string[] }[]): Promise<void> {
    for (const { id, sources } of receivers) this.sources.set(id, sources);
  }

  async refresh(): Promise<void> {}

  /** For the room store: part of the change itself. */
  append(room: RoomName, told: Told): void {
    if (![...this.sources.values()].some(sources => sources.includes(told.type))) return;
    const entries = this.outboxes.get(room) ?? [];
    const place = String(++this.places);
    const atMs = this.now();
    const entry: OutboxEntry = { place, id: `${room}~${place}`, atMs, writtenAtMs: atMs, told };
    if (isLevel(told.type)) {
      const last = entries.at(-1);
      const isSuperseding = last?.told.type === told.type && !last.only;
      entry.sinceMs = isSuperseding ? last.sinceMs : entry.atMs;
      if (isSuperseding) entries.pop();
    }
    this.outboxes.set(room, [...entries, entry]);
    this.onChange(room);
  }

  async take({ receiver, room }: Lane, turn: string, limit: number) {
    const cursors = this.cursors.get(room) ?? new Map<string, Cursor>();
    const { place = 0, failures = 0 } = cursors.get(receiver) ?? {};
    this.cursors.set(room, cursors.set(receiver, { place, failures, turn }));
    const entries = (this.outboxes.get(room) ?? []).filter(entry => Number(entry.place) > place);
    this.trim(room);
    return { failures, entries: entries.slice(0, limit) };
  }

  async advance(lane: Lane, turn: string, place: string) {
    const cursor = this.cursor(lane, turn);
    if (!cursor) return 'fenced';
    cursor.place = Math.max(cursor.place, Number(place));
    cursor.failures = 0;
    this.trim(lane.room);
    return 'advanced';
  }

  async fail(lane: Lane, turn: string) {
    const cursor = this.cursor(lane, turn);
    if (!cursor) return 'fenced';
    cursor.failures += 1;
    return cursor.failures;
  }

  async putBack({ receiver, room }: Lane, { id, atMs, told }: Pick<OutboxEntry, 'id' | 'atMs' | 'told'>) {
    const place = String(++this.places);
    const entry = { place, id, atMs, writtenAtMs: this.now(), told, only: receiver };
    this.outboxes.set(room, [...(this.outboxes.get(room) ?? []), entry]);
    this.onChange(room);
  }

  async claimLook(everyMs: number): Promise<boolean> {
    if (this.now() < this.nextLookMs) return false;
    this.nextLookMs = this.now() + everyMs;
    return true;
  }

  async *rooms(): AsyncIterable<RoomName> {
    yield* [...this.outboxes.keys()];
  }

  watch({ onChange, onGap }: Parameters<WebhookOutbox['watch']>[0]): void {
    this.onChange = onChange;
    onGap();
  }

  private cursor({ receiver, room }: Lane, turn: string): Cursor | undefined {
    const cursor = this.cursors.get(room)?.get(receiver);
    return cursor?.turn === turn ? cursor : undefined;
  }

  private trim(room: RoomName): void {
    const cursors = this.cursors.get(room);
    const passed = Math.min(...[...this.sources.keys()].map(id => cursors?.get(id)?.place ?? 0));
    const left = (this.outboxes.get(room) ?? []).filter(({ place }) => Number(place) > passed);
    if (left.length > 0) this.outboxes.set(room, left);
    else {
      this.outboxes.delete(room);
      this.cursors.delete(room);
    }
  }
}
