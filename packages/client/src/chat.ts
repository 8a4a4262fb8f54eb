import type {
  ChatEntryMessage,
  ChatHistoryPage,
  ChatState,
  ErrorCode,
  Moderate,
  Moderated,
  RosterMessage,
} from '@manycast/protocol';
import { SessionError } from './session-error.js';
import type { Sent } from './signaling-socket.js';
import { createAlarm, type Timers } from './timers.js';

type Mute = Extract<Moderate['act'], { type: 'mute' }>;
/** `mute` without `forMs`: until it is unmuted. */
export type Act = Exclude<Moderate['act'], Mute> | (Omit<Mute, 'forMs'> & Partial<Mute>);

/** The chat of the session's room; what is said there is told by the session's event `chat`. */
export interface Chat {
  /**
   * Says something, once, however many sockets that takes. Resolves when the room has it; rejects with a `SessionError`
   * where it was refused: `muted`, `too-fast` with `retryAfterMs`, `chat-closed`, `too-large`, ….
   */
  say(text: string): Promise<{ offset: number; atMs: number }>;
  /** Entries before `before` (without it: the newest), at most `limit` (50; at most 100) of them, in order. */
  history(range?: { before?: number; limit?: number }): Promise<ChatHistoryPage>;
  /** Presenters and moderators: deletes a message, mutes, kicks, bans, slows the chat down, closes the room. */
  moderate(act: Act): Promise<unknown>;
  /** Presenters and moderators: who is there, page by page; `after` is `next` of the page before. */
  roster(range?: { after?: string; limit?: number }): Promise<RosterMessage>;
}

export interface ChatKeeper extends Chat {
  /** What a resume says about it. */
  position(): { chatEpoch?: string; chatOffset?: number };
  onEntry(entry: ChatEntryMessage): void;
  onState(state: ChatState): void;
  onAccepted(accepted: { clientId: string; offset: number; atMs: number }): void;
  onAnswer(answer: ChatHistoryPage | RosterMessage | Moderated): void;
  /** False when the error is not about the chat. */
  onError(clientId: string | undefined, error: SessionError): boolean;
  /** The session that was is over: what it had not got through has failed. */
  onRestarted(): void;
  close(): void;
}

export interface ChatOrder {
  timers: Timers;
  send(message: Sent): boolean;
  onEntry(entry: ChatEntryMessage): void;
  /** Entries after `offset` were not kept. */
  onLost(offset: number): void;
}

interface Request {
  /** On how many occasions it got onto a socket. More than once: it may have been carried out, and its answer lost. */
  timesSent: number;
  message: Extract<Sent, { id: 'chat' | 'chatHistory' | 'moderate' | 'roster' }>;
  resolve(value: never): void;
  reject(error: SessionError): void;
}

/** Refusals of a cluster that will take the same thing soon; the others are the caller's to hear. */
const passing: ReadonlySet<string> = new Set<ErrorCode>(['unavailable', 'internal', 'fenced']);
/**
 * What a node refuses without asking the room, which alone knows what it has: of a request that was sent before such a
 * refusal says nothing, and the caller would say again what was said.
 */
const unasked: ReadonlySet<string> = new Set<ErrorCode>(['too-fast', 'overloaded', 'not-in-room']);
const pageSize = 100;
const retryMs = 1_000;

/** Puts the chat's entries in order, each once, and fetches those that were left out; repeats what was not answered. */
export function createChat(order: ChatOrder): ChatKeeper {
  let epoch: string | undefined;
  /** Of the last entry that was told on. */
  let offset = 0;
  /** The newest that is known to exist. */
  let newest = 0;
  let isFilling = false;
  /** The present session has entered the chat. What is asked before waits for it, rather than be refused `not-in-room`. */
  let isIn = false;
  const held = new Map<number, ChatEntryMessage>();
  const requests = new Map<string, Request>();
  const retry = createAlarm(order.timers);
  let count = 0;
  const name = Math.random().toString(36).slice(2, 10);

  function ask<T>(fields: {
    id: 'chat' | 'chatHistory' | 'moderate' | 'roster';
    [field: string]: unknown;
  }): Promise<T> {
    count += 1;
    const clientId = `${name}-${count}`;
    return new Promise<T>((resolve, reject) => {
      const request = {
        message: { ...fields, clientId } as Request['message'],
        timesSent: 0,
        resolve,
        reject,
      };
      requests.set(clientId, request);
      if (isIn) send(request);
    });
  }
  function send(request: Request) {
    if (order.send(request.message)) request.timesSent += 1;
  }
  const askAgain = () => {
    for (const request of requests.values()) send(request);
  };
  /** `isAnew`: on another socket, perhaps, where nothing is known of what was asked before. */
  function enter(isAnew: boolean) {
    if (isAnew || !isIn) {
      isIn = true;
      askAgain();
    }
  }
  function answer(clientId: string, value: unknown) {
    requests.get(clientId)?.resolve(value as never);
    requests.delete(clientId);
  }

  function tell(entry: ChatEntryMessage) {
    offset = entry.offset;
    order.onEntry(entry);
  }
  function drain() {
    for (let next = held.get(offset + 1); next; next = held.get(offset + 1)) {
      held.delete(next.offset);
      tell(next);
    }
    for (const known of held.keys()) if (known <= offset) held.delete(known);
    if (newest > offset) void fill();
  }
  /** Another log, from its beginning. */
  function follow(other: string) {
    epoch = other;
    offset = newest = 0;
    held.clear();
  }

  async function fill() {
    if (isFilling || epoch === undefined) return;
    isFilling = true;
    const asked = epoch;
    try {
      const page = await ask<ChatHistoryPage>({ id: 'chatHistory', epoch, after: offset, limit: pageSize });
      if (epoch !== asked) return;
      newest = Math.max(newest, page.last);
      if (page.first > offset + 1) {
        order.onLost(offset);
        offset = page.first - 1;
      }
      for (const entry of page.entries) if (entry.offset > offset) tell({ id: 'chat', ...entry });
      // What is not kept any more is not to be asked for for ever.
      if (page.entries.length === 0) newest = offset;
    } catch {
      // The log is gone, or the session; the next state says where things stand.
      newest = offset;
    } finally {
      isFilling = false;
    }
    drain();
  }

  return {
    say: text => ask({ id: 'chat', text }),
    history: range => ask({ id: 'chatHistory', ...range }),
    moderate: act => ask({ id: 'moderate', act }),
    roster: range => ask({ id: 'roster', ...range }),
    position: () => (epoch === undefined ? {} : { chatEpoch: epoch, chatOffset: offset }),
    onEntry: entry => {
      if (epoch === undefined) {
        follow(entry.epoch);
        offset = entry.offset - 1;
      }
      if (epoch !== entry.epoch) follow(entry.epoch);
      newest = Math.max(newest, entry.offset);
      if (entry.offset > offset) held.set(entry.offset, entry);
      enter(false);
      drain();
    },
    onState: state => {
      if (epoch === undefined) {
        follow(state.epoch);
        offset = state.offset;
      }
      if (epoch !== state.epoch) follow(state.epoch);
      newest = Math.max(newest, state.offset);
      enter(true);
      drain();
    },
    onAccepted: ({ clientId, offset: said, atMs }) => answer(clientId, { offset: said, atMs }),
    onAnswer: message => answer(message.clientId, message),
    onError: (clientId, error) => {
      // It was not read: nothing says which message it was.
      if (error.code === 'too-many-messages' && requests.size > 0)
        retry.set(error.retryAfterMs ?? retryMs, askAgain);
      const request = clientId === undefined ? undefined : requests.get(clientId);
      if (clientId === undefined || !request) return false;
      // Pages are asked for by us as fast as we need them.
      const isOurs = request.message.id !== 'chat' && error.code === 'too-fast';
      const isUnknown = request.timesSent > 1 && unasked.has(error.code);
      if (passing.has(error.code) || isOurs || isUnknown) retry.set(error.retryAfterMs ?? retryMs, askAgain);
      else {
        requests.delete(clientId);
        request.reject(error);
      }
      return true;
    },
    onRestarted: () => {
      isIn = false;
      fail('session-unknown');
    },
    close: () => {
      retry.clear();
      fail('session-unknown');
    },
  };

  function fail(code: ErrorCode) {
    const failed = [...requests.values()];
    requests.clear();
    for (const { reject } of failed) reject(new SessionError(code));
  }
}
