import { openSession, type Session, type WebSocketClass } from '@manycast/client';
import { WebSocket } from 'ws';
import { SdkPeer } from '../support/sdk-peer.js';
import { waitFor } from '../support/wait-for.js';
import { WebRtcPeer } from '../support/webrtc-peer.js';
import { Hearing, SaidLog } from './hearing.js';
import { LightPeer } from './light-peer.js';

/** What one member of a room was told. */
export interface Member {
  session: Session;
  heard: Hearing;
  /** Viewers, as it was last told. */
  viewers: number | undefined;
  /** The session could not be continued: what was said meanwhile may be missing. */
  restarts: number;
  gaps: number;
  ended: string | undefined;
}

/** What is wrong with what the members heard. */
export interface Verdict {
  lost: number;
  twice: number;
  outOfOrder: number;
  /** Told otherwise to one than to another. */
  otherwise: number;
}

/**
 * People of one room, on the SDK: a presenter with media and viewers without. They say numbered things, and what each
 * one heard is held against what the room accepted.
 */
export class Crowd {
  readonly members: Member[] = [];
  /** What the room has accepted, and as which entry of its log. */
  readonly accepted = new Map<string, number>();
  /** Of what had to be given up: code -> how often. */
  readonly refusals = new Map<string, number>();
  readonly #log = new SaidLog();
  #offering: WebRtcPeer | undefined;

  constructor(
    readonly room: string,
    private readonly urls: () => string[],
    /** What viewers without media offer; without it one is made. */
    private sdpOffer?: string,
  ) {}

  get presenter(): Member {
    return this.members[0] as Member;
  }

  get refused(): number {
    return [...this.refusals.values()].reduce((sum, times) => sum + times, 0);
  }

  async present(): Promise<Member> {
    const stream = { getTracks: () => [{ kind: 'video', id: 'camera' }] } as unknown as MediaStream;
    const member = this.#open({ role: 'presenter', stream }, () => new SdkPeer('send'));
    await this.#untilConnected(member);
    return member;
  }

  /** What a viewer without media can offer. */
  async offer(): Promise<string> {
    this.#offering ??= new WebRtcPeer('receive');
    this.sdpOffer ??= await this.#offering.offer();
    return this.sdpOffer;
  }

  async watch(count: number): Promise<Member[]> {
    const sdpOffer = this.sdpOffer ?? (await this.offer());
    const joined: Member[] = [];
    while (joined.length < count) {
      const batch = Array.from({ length: Math.min(20, count - joined.length) }, () =>
        this.#open({ role: 'viewer', joinAttempts: 20 }, () => new LightPeer(sdpOffer)),
      );
      await Promise.all(batch.map(member => this.#untilConnected(member)));
      joined.push(...batch);
    }
    return joined;
  }

  /**
   * Says so many things, one after the other, each tried until it is taken or refused for good; `pauseMs` between two,
   * on the average.
   */
  async talk(member: Member, name: string, count: number, pauseMs = 0): Promise<void> {
    for (let number = 1; number <= count; number += 1) {
      const text = `${name} ${number}`;
      for (let isSaid = false; !isSaid; ) {
        try {
          const { offset } = await member.session.chat.say(text);
          this.accepted.set(text, offset);
          isSaid = true;
        } catch (error) {
          const { code, retryAfterMs } = error as { code: string; retryAfterMs?: number };
          if (code !== 'too-fast') {
            this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
            break;
          }
          await new Promise(resolve => setTimeout(resolve, retryAfterMs ?? 100));
        }
      }
      if (pauseMs > 0) await new Promise(resolve => setTimeout(resolve, pauseMs * (0.5 + Math.random())));
    }
  }

  /** Everybody who could go on has heard everything. */
  async untilAllHeard(timeoutMs = 30_000): Promise<void> {
    const missing = () => this.#continued.filter(({ heard }) => heard.count < this.accepted.size);
    await waitFor('everybody to have heard everything', async () => missing().length === 0, {
      timeoutMs,
      intervalMs: 100,
      actual: () => missing().map(({ heard, session }) => `${session.state}: ${heard.count}`),
    });
  }

  /** Of those whose session was continued each time. `accepted`: also what others of the room got through. */
  verdict(accepted: ReadonlyMap<string, number> = this.accepted): Verdict {
    const verdict = { lost: 0, twice: 0, outOfOrder: 0, otherwise: 0 };
    for (const { heard } of this.#continued) {
      for (const offset of accepted.values()) if (!heard.hasHeard(offset)) verdict.lost += 1;
      verdict.twice += heard.twice;
      verdict.outOfOrder += heard.outOfOrder;
      verdict.otherwise += heard.otherwise;
    }
    // Each as the entry that its sender was told of, and as no other.
    const texts = this.#log.texts.filter(text => text !== undefined);
    verdict.twice += texts.length - new Set(texts).size;
    for (const [text, offset] of accepted) if (this.#log.texts[offset] !== text) verdict.otherwise += 1;
    return verdict;
  }

  get #continued(): Member[] {
    return this.members.filter(({ restarts }) => restarts === 0);
  }

  async leave(): Promise<void> {
    await Promise.all(this.members.map(({ session }) => session.leave()));
    this.#offering?.close();
  }

  #open(
    part:
      | { role: 'presenter'; stream: MediaStream }
      | { role: 'viewer'; joinAttempts: number; waitForPresenter?: boolean },
    newPeer: () => object,
  ): Member {
    const session = openSession({
      ...part,
      urls: this.urls(),
      room: this.room,
      WebSocket: WebSocket as unknown as WebSocketClass,
      createPeerConnection: () => newPeer() as RTCPeerConnection,
    });
    const heard = new Hearing(this.#log);
    const member: Member = { session, heard, viewers: undefined, restarts: 0, gaps: 0, ended: undefined };
    session.on('chat', entry => heard.take(entry));
    session.on('presence', ({ viewers }) => {
      member.viewers = viewers;
    });
    session.on('restarted', () => {
      member.restarts += 1;
    });
    session.on('chatGap', () => {
      member.gaps += 1;
    });
    session.on('ended', ({ reason, error }) => {
      member.ended = error?.code ?? reason;
    });
    this.members.push(member);
    return member;
  }

  async #untilConnected(member: Member): Promise<void> {
    const { session } = member;
    const describe = () => `${session.state} ${member.ended ?? ''}`;
    await waitFor('a member to be connected', async () => session.state === 'connected', {
      timeoutMs: 60_000,
      intervalMs: 20,
      actual: describe,
    });
  }
}
