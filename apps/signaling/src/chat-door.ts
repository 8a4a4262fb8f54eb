import { type ChatPosition, moderates, openGrants } from '@manycast/core';
import { SignalError } from '@manycast/protocol';
import type { ConnectionOptions, Opening, Outlet } from './connection-options.js';
import { type ChatRequest, Conversation } from './conversation.js';
import type { Participation } from './participation.js';
import type { Refusals } from './refusals.js';

/** What a client does not say by mistake once in a while: these may close its socket. */
const faults: ReadonlySet<string> = new Set(['invalid-message', 'too-large', 'too-fast', 'not-in-room']);

/** Through which the client of a socket takes part in the chat of its room, at most one at a time. */
export class ChatDoor {
  private conversation: Conversation | undefined;

  constructor(
    private readonly socket: Outlet,
    private readonly opening: Opening,
    private readonly options: Pick<ConnectionOptions, 'cluster' | 'limits' | 'brakes'>,
    private readonly refusals: Refusals,
  ) {}

  /**
   * The participation's client is in the room. A tutorial page knows of no chat. The conversation goes on for a while when
   * the participation is over. `from`: what one who resumes has seen.
   */
  enter(participation: Participation, from?: ChatPosition): void {
    const { role, attachment } = participation;
    const { room, session, epoch } = attachment;
    if (this.opening.speech === 'tutorial') return;
    // One that offers again is in it already.
    if (this.conversation?.session === session && !from) return;
    this.conversation?.close();
    this.conversation = new Conversation(room, session, this.socket, {
      cluster: this.options.cluster,
      limits: this.options.limits,
      speaker: () => {
        const grants = participation.admission.grants ?? openGrants;
        const { name, identity, mayChat } = grants;
        return { room, session, epoch, name, identity, mayChat, isModerator: moderates(role, grants) };
      },
    });
    this.conversation.open(from);
  }

  /** Resolves to false when the client has made one fault too many, and its socket is being closed. Never rejects. */
  async receive(message: ChatRequest): Promise<boolean> {
    const { clientId } = message;
    try {
      if (!this.conversation) throw new SignalError('not-in-room', { clientId });
      const refusal = this.options.brakes.refusalOf('chat');
      if (refusal) {
        const { code, retryAfterMs } = refusal;
        throw new SignalError(code, { clientId, ...(retryAfterMs && { retryAfterMs }) });
      }
      await this.conversation.receive(message);
    } catch (thrown) {
      const error = SignalError.from(thrown);
      if (faults.has(error.code)) return this.refusals.answer(error);
      this.refusals.tell(error);
    }
    return true;
  }

  close(): void {
    this.conversation?.close();
    this.conversation = undefined;
  }
}
