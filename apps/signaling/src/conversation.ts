import {
  type Audience,
  type ChatEntry,
  type ChatPosition,
  type Cluster,
  type FeedListener,
  type FeedSubscription,
  moderate,
  type Speaker,
} from '@manycast/core';
import {
  type Chat,
  type ChatHistory,
  type Moderate,
  type RoomName,
  type Roster,
  type SessionId,
  SignalError,
} from '@manycast/protocol';
import type { Outlet } from './connection-options.js';
import { sharedMessage } from './shared-message.js';
import { TokenBucket } from './token-bucket.js';

export type ChatRequest = Chat | ChatHistory | Moderate | Roster;

export interface ChatLimits {
  /** Messages of one socket, on the average; five times as many at once. */
  chatPerSecond: number;
}

export interface ConversationOptions {
  cluster: Pick<Cluster, 'chat' | 'feed' | 'presence' | 'undo' | 'media' | 'pool'>;
  limits: ChatLimits;
  /** As its token has it at the moment. */
  speaker(): Speaker;
}

/** Entries that are sent again to one who comes back; what is more is to be asked for. */
const replayLimit = 500;
/** Pages that one client may ask for in a second. */
const pagesPerSecond = 4;
/** How often one who reads too slowly for the chat is looked after. */
const lookMs = 1_000;

/**
 * One client's part in the chat of its room: from its joining until it leaves or the chat closes, which is later than
 * the broadcast's end. Entries reach it in order and each once; those that a slow socket could not take are left out,
 * and it can tell by the jump in the offsets.
 */
export class Conversation implements FeedListener {
  private subscription: FeedSubscription | undefined;
  /** Entries that came while the client's missed ones were being read. */
  private early: ChatEntry[] | undefined = [];
  private isOver = false;
  private hasLeftOut = false;
  // From here on: what most viewers, who only listen, never need.
  private timers: Set<NodeJS.Timeout> | undefined;
  private sayings: TokenBucket | undefined;
  private pages: TokenBucket | undefined;

  constructor(
    private readonly room: RoomName,
    readonly session: SessionId,
    /** Told, not sent, is what can be had again: what media needs goes first to a client that reads too slowly. */
    private readonly outlet: Pick<Outlet, 'send' | 'tell'>,
    private readonly options: ConversationOptions,
  ) {}

  /** `from`: what the client has seen already. Tries until it succeeds or is closed; never rejects. */
  open(from?: ChatPosition): void {
    this.options.cluster.undo.run('enter chat', () => this.enter(from));
  }

  private async enter(from: ChatPosition | undefined): Promise<void> {
    if (this.isOver) return;
    const { cluster } = this.options;
    const { room, outlet } = this;
    this.subscription ??= await cluster.feed.subscribe(room, this);
    const { summary } = this.subscription;
    const isBehind = summary && from && from.epoch === summary.epoch && from.offset < summary.offset;
    const missed =
      isBehind &&
      (await cluster.chat.read({ room, epoch: from.epoch, after: from.offset, limit: replayLimit }));
    if (this.isOver) return this.subscription.close();
    const early = this.early ?? [];
    this.early = undefined;
    if (!summary) return;
    this.tellState();
    let last: ChatPosition = from?.epoch === summary.epoch ? from : summary;
    for (const entry of [...(missed ? missed.entries : []), ...early]) {
      if (entry.epoch === last.epoch && entry.offset <= last.offset) continue;
      this.deliver(entry);
      last = entry;
    }
    const { viewers, isPresenterAway } = summary;
    outlet.send({ id: 'presence', viewers, isPresenterAway });
  }

  onEntry(entry: ChatEntry): void {
    if (this.early) this.early.push(entry);
    else this.deliver(entry);
  }

  onPresence(audience: Audience): void {
    if (!this.early) this.outlet.tell(sharedMessage(audience, () => ({ id: 'presence', ...audience })));
  }

  /** Throws SignalError for what is refused. */
  receive(message: ChatRequest): Promise<void> {
    switch (message.id) {
      case 'chat':
        return this.say(message);
      case 'chatHistory':
        return this.page(message);
      case 'moderate':
        return this.moderate(message);
      case 'roster':
        return this.roster(message);
    }
  }

  private async moderate({ clientId, act }: Moderate): Promise<void> {
    this.paced(clientId);
    const { cluster, speaker } = this.options;
    const { room, session, epoch } = speaker();
    await moderate(cluster, { room, by: { session, epoch }, clientId, act }).catch(thrown =>
      Promise.reject(about(clientId, thrown)),
    );
    cluster.presence.touch(room);
    this.outlet.send({ id: 'moderated', clientId });
  }

  private async roster({ clientId, after, limit }: Roster): Promise<void> {
    this.paced(clientId);
    const { cluster, speaker } = this.options;
    if (!speaker().isModerator) throw new SignalError('not-allowed', { clientId });
    const { room } = this;
    const page = await cluster.chat
      .roster({ room, after, limit })
      .catch(thrown => Promise.reject(about(clientId, thrown)));
    this.outlet.send({ id: 'roster', clientId, ...page });
  }

  private paced(clientId: string): void {
    this.pages ??= new TokenBucket(pagesPerSecond, 4 * pagesPerSecond);
    const retryAfterMs = this.pages.take(performance.now());
    if (retryAfterMs > 0) throw new SignalError('too-fast', { clientId, retryAfterMs });
  }

  private async say({ clientId, text }: Chat): Promise<void> {
    const { chatPerSecond } = this.options.limits;
    this.sayings ??= new TokenBucket(chatPerSecond, 5 * chatPerSecond);
    const retryAfterMs = this.sayings.take(performance.now());
    if (retryAfterMs > 0) throw new SignalError('too-fast', { clientId, retryAfterMs });
    const said = await this.options.cluster.chat
      .say({ ...this.options.speaker(), clientId, text })
      .catch(thrown => Promise.reject(about(clientId, thrown)));
    if (said.status === 'refused') {
      const { code, retryAfterMs } = said;
      throw new SignalError(code, {
        clientId,
        ...(retryAfterMs && { retryAfterMs: Math.ceil(retryAfterMs) }),
      });
    }
    const { epoch, offset, atMs } = said;
    this.outlet.send({ id: 'chatAccepted', clientId, epoch, offset, atMs });
  }

  private async page({ clientId, epoch, after, before, limit }: ChatHistory): Promise<void> {
    if (after !== undefined && before !== undefined) {
      const message = 'after: either before or after, not both';
      throw new SignalError('invalid-message', { clientId, field: 'after', message });
    }
    this.paced(clientId);
    const { room } = this;
    const page = await this.options.cluster.chat
      .read({ room, epoch, after, before, limit })
      .catch(thrown => Promise.reject(about(clientId, thrown)));
    if (!page)
      throw new SignalError('chat-unknown', { clientId, ...(epoch !== undefined && { field: 'epoch' }) });
    this.outlet.send({ id: 'chatHistory', clientId, ...page });
  }

  close(): void {
    this.isOver = true;
    this.subscription?.close();
    for (const timer of this.timers ?? []) clearTimeout(timer);
  }

  private deliver(entry: ChatEntry): void {
    if (!this.outlet.tell(sharedMessage(entry, () => ({ id: 'chat', ...entry })))) this.leaveOut();
    // By the difference, because the store has a clock of its own.
    if (entry.type === 'ended') this.after(entry.closesAtMs - entry.atMs, () => this.tellState(true));
  }

  /** The next entry shows that some are missing; where none comes, the state does. */
  private leaveOut(): void {
    if (this.hasLeftOut) return;
    this.hasLeftOut = true;
    this.after(lookMs, () => {
      this.hasLeftOut = false;
      if (!this.tellState()) this.leaveOut();
    });
  }

  private tellState(isClosed = false): boolean {
    const summary = this.subscription?.summary;
    if (!summary) return true;
    const { epoch, offset, slowModeMs } = summary;
    return this.outlet.tell({ id: 'chatState', epoch, offset, isOpen: !isClosed, slowModeMs });
  }

  private after(delayMs: number, step: () => void): void {
    const timer = setTimeout(() => {
      this.timers?.delete(timer);
      step();
    }, delayMs);
    this.timers ??= new Set();
    this.timers.add(timer.unref());
  }
}

/** The refusal says which request it is about. */
function about(clientId: string, thrown: unknown): SignalError {
  const { code, message, retryAfterMs, cause } = SignalError.from(thrown);
  return new SignalError(code, { message, cause, clientId, ...(retryAfterMs && { retryAfterMs }) });
}
