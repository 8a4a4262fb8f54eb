import {
  asSessionId,
  type ChatContent,
  type ExpelReason,
  type ModerationAct,
  type RoomName,
  type SessionId,
} from '@manycast/protocol';
import type { ChatSummary, Moderation, RoomCard } from '../domain/chat.js';
import { moderates } from '../domain/grants.js';
import type {
  ChatPage,
  ChatReadOrder,
  ChatStore,
  ModerateResult,
  PresenceReport,
  RosterPage,
  SayResult,
} from '../ports/chat-store.js';
import type { LeaveResult } from '../ports/room-store.js';
import type { MemoryBars } from './memory-bars.js';
import type { MemoryChats } from './memory-chats.js';
import type { MemoryNodeInbox } from './memory-node-inbox.js';
import type { MemoryRoomStore } from './memory-room-store.js';

type ModerationEntry = Exclude<ChatContent, { type: 'message' | 'ended' }>;
type DistributiveOmit<T, Key extends PropertyKey> = T extends unknown ? Omit<T, Key> : never;

/** Chats of one process, for fast tests: the same guarantees as the real store, without the network. */
export class MemoryChatStore implements ChatStore {
  private readonly pace = new Map<string, number>();
  private readonly requests = new Set<string>();
  private readonly toldAt = new Map<string, { atMs: number; seq: number }>();

  constructor(
    private readonly rooms: MemoryRoomStore,
    private readonly chats: MemoryChats,
    private readonly bars: MemoryBars,
    private readonly inbox: MemoryNodeInbox,
    private readonly now: () => number,
  ) {}

  async say(order: Parameters<ChatStore['say']>[0]): Promise<SayResult> {
    const { room, session: from, clientId, text, name, isModerator } = order;
    const log = this.chats.log(room);
    if (!log) return { status: 'refused', code: 'chat-closed' };
    const known = log.entries.find(
      entry => entry.type === 'message' && entry.from === from && entry.clientId === clientId,
    );
    if (known) return said(known);

    const { state } = await this.rooms.summary(room);
    if (state === 'ended') {
      if (this.now() > (log.closesAtMs ?? 0)) return { status: 'refused', code: 'chat-closed' };
    } else {
      const session = await this.rooms.session(room, from);
      if (!session) return { status: 'refused', code: 'not-in-room' };
      if (session.epoch !== order.epoch) return { status: 'refused', code: 'fenced' };
    }
    if (!order.mayChat) return { status: 'refused', code: 'not-allowed' };
    const mutedForMs = (this.bars.of(order)?.mutedUntilMs ?? 0) - this.now();
    if (mutedForMs > 0) return { status: 'refused', code: 'muted', retryAfterMs: mutedForMs };
    if (log.slowModeMs > 0 && !isModerator) {
      const pace = `${room}/${order.identity ?? from}`;
      const retryAfterMs = (this.pace.get(pace) ?? 0) - this.now();
      if (retryAfterMs > 0) return { status: 'refused', code: 'too-fast', retryAfterMs };
      this.pace.set(pace, this.now() + log.slowModeMs);
    }
    const entry = this.chats.append(room, { type: 'message', from, name, isModerator, clientId, text });
    return entry ? said(entry) : { status: 'refused', code: 'chat-closed' };
  }

  async state(room: RoomName): Promise<ChatSummary | null> {
    const summary = this.chats.summary(room);
    return summary && { ...summary, ...this.audience(room) };
  }

  async read({ room, epoch, after, before, limit }: ChatReadOrder): Promise<ChatPage | null> {
    const log = this.chats.log(room, epoch);
    if (!log) return null;
    const { entries } = log;
    const page =
      after === undefined
        ? entries.filter(entry => entry.offset < (before ?? Number.POSITIVE_INFINITY)).slice(-limit)
        : entries.filter(entry => entry.offset > after).slice(0, limit);
    return {
      epoch: log.epoch,
      first: entries[0]?.offset ?? 0,
      last: entries.at(-1)?.offset ?? 0,
      entries: structuredClone(page),
    };
  }

  async openings(room: RoomName) {
    return this.chats.endedOpenings(room);
  }

  async moderate({ room, by, clientId, act }: Moderation): Promise<ModerateResult> {
    const log = this.chats.log(room);
    if (!log) return { status: 'refused', code: 'chat-closed' };
    if (by) {
      const session = await this.rooms.session(room, by.session);
      if (!session) return { status: 'refused', code: 'not-in-room' };
      if (session.epoch !== by.epoch) return { status: 'refused', code: 'fenced' };
      if (!moderates(session.role, session.grants)) return { status: 'refused', code: 'not-allowed' };
    }
    const request = `${room}/${by?.session}/${clientId}`;
    if (this.requests.has(request)) return { status: 'done', ended: [] };
    const done = await this.act(room, by?.session ?? null, act);
    if (done.status === 'done') this.requests.add(request);
    return done;
  }

  private async act(room: RoomName, by: SessionId | null, act: ModerationAct): Promise<ModerateResult> {
    const nothing = (): ModerateResult => ({ status: 'done', ended: [] });
    const note = (content: DistributiveOmit<ModerationEntry, 'by'>) =>
      this.chats.append(room, { ...content, by } as ChatContent);
    if (act.type === 'delete') {
      const entry = this.chats.log(room)?.entries.find(({ offset }) => offset === act.offset);
      if (entry?.type !== 'message') return { status: 'refused', code: 'not-found' };
      if (entry.text === null) return nothing();
      entry.text = null;
      note({ type: 'deleted', target: act.offset });
      return nothing();
    }
    if (act.type === 'slow-mode') {
      note({ type: 'slow-mode', intervalMs: act.intervalMs });
      return nothing();
    }
    if (act.type === 'close') {
      const view = await this.rooms.read(room);
      if (!view.presenter) return nothing();
      note({ type: 'closed' });
      return { status: 'done', ended: [await this.expel(room, view.presenter, 'room-closed')] };
    }
    const session = asSessionId(act.session);
    const target = await this.rooms.session(room, session);
    const subject = this.bars.subject(room, session) ?? {
      room,
      session,
      identity: target?.grants.identity ?? null,
    };
    if (act.type === 'unmute' || act.type === 'unban') {
      if (!this.bars.of(subject)) return nothing();
      this.bars.set(subject, act.type === 'unmute' ? { mutedUntilMs: 0 } : { isBanned: false });
      note({ type: act.type === 'unmute' ? 'unmuted' : 'unbanned', session });
      return nothing();
    }
    if (!target) return { status: 'refused', code: 'not-found' };
    if (target.role === 'presenter') return { status: 'refused', code: 'not-allowed' };
    if (act.type === 'mute') {
      const untilMs = act.forMs === null ? null : this.now() + act.forMs;
      this.bars.set(subject, { mutedUntilMs: untilMs ?? Number.MAX_SAFE_INTEGER });
      note({ type: 'muted', session, untilMs });
      return nothing();
    }
    if (act.type === 'kick') {
      note({ type: 'kicked', session });
      return { status: 'done', ended: [await this.expel(room, session, 'kicked')] };
    }
    this.bars.set(subject, { isBanned: true });
    note({ type: 'banned', session });
    const ended: LeaveResult[] = [];
    for (const [id, other] of (await this.rooms.read(room)).sessions) {
      const isSame = subject.identity !== null && other.grants.identity === subject.identity;
      if (id === session || (isSame && other.role === 'viewer'))
        ended.push(await this.expel(room, id, 'banned'));
    }
    return { status: 'done', ended };
  }

  private async expel(room: RoomName, session: SessionId, reason: ExpelReason): Promise<LeaveResult> {
    const found = await this.rooms.session(room, session);
    if (!found) return { status: 'unknown' };
    const { node, epoch } = found;
    void this.inbox.send(node, { type: 'expelled', room, session, epoch, reason });
    return this.rooms.leave({ room, session, node, epoch });
  }

  async tellPresence(room: RoomName, pauseMs: number): Promise<PresenceReport> {
    const log = this.chats.log(room);
    const { state } = await this.rooms.summary(room);
    if (state === 'ended' || !log) return { status: 'ended', opening: log?.epoch ?? null };
    if (log.startedAtMs === null) return { status: 'idle' };
    const audience = this.audience(room);
    const told = this.chats.audience(room);
    const isSame = told?.viewers === audience.viewers && told.isPresenterAway === audience.isPresenterAway;
    const before = this.toldAt.get(log.epoch);
    if (!isSame || !before) {
      const dueInMs = (before?.atMs ?? 0) + pauseMs - this.now();
      if (dueInMs > 0) return { status: 'early', dueInMs };
      this.toldAt.set(log.epoch, { atMs: this.now(), seq: (before?.seq ?? 0) + 1 });
      this.chats.tellPresence(room, audience);
    }
    const card: RoomCard = {
      ...audience,
      opening: log.epoch,
      seq: this.toldAt.get(log.epoch)?.seq ?? 0,
      title: null,
      startedAtMs: log.startedAtMs,
      endsAtMs: null,
      presenterName: null,
      isListed: true,
    };
    return { status: isSame && before ? 'same' : 'told', card };
  }

  async roster({ room, after, limit }: Parameters<ChatStore['roster']>[0]): Promise<RosterPage> {
    const all = [...(await this.rooms.read(room)).sessions];
    const from = Number(after ?? 0);
    const members = all.slice(from, from + limit).map(([session, { role, grants, detachedAtMs }]) => ({
      session,
      ...{ role, name: grants.name, isModerator: grants.isModerator, isAway: detachedAtMs !== null },
      isMuted: (this.bars.of({ room, session, identity: grants.identity })?.mutedUntilMs ?? 0) > this.now(),
    }));
    return { members, next: from + limit < all.length ? String(from + limit) : null };
  }

  private audience(room: RoomName) {
    return { viewers: this.rooms.viewers(room), isPresenterAway: this.rooms.isPresenterAway(room) };
  }
}

const said = ({ epoch, offset, atMs }: { epoch: string; offset: number; atMs: number }): SayResult => ({
  status: 'said',
  epoch,
  offset,
  atMs,
});
