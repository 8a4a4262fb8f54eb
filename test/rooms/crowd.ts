import { openSession, type Session, type WebSocketClass } from '@manycast/client';
import type { ChatEntryMessage } from '@manycast/protocol';
import { WebSocket } from 'ws';
import { SdkPeer } from '../support/sdk-peer.js';
import { waitFor } from '../support/wait-for.js';
import { WebRtcPeer } from '../support/webrtc-peer.js';
import { LightPeer } from './light-peer.js';

/** What one member of a room was told. */
export interface Member {
  session: Session;
  heard: ChatEntryMessage[];
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
}

/**
 * People of one room, on the SDK: a presenter with media and viewers without. They say numbered things, and what each
 * one heard is held against what the room accepted.
 */
export class Crowd {
  readonly members: Member[] = [];
  /** Texts that the room has accepted. */
  readonly accepted = new Set<string>();
  /** How often a message had to be given up. */
  refused = 0;
  #offer: string | undefined;
  readonly #offering = new WebRtcPeer('receive');

  constructor(
    readonly room: string,
    private readonly urls: () => string[],
  ) {}

  get presenter(): Member {
    return this.members[0] as Member;
  }

  async present(): Promise<Member> {
    const stream = { getTracks: () => [{ kind: 'video', id: 'camera' }] } as unknown as MediaStream;
    const member = this.#open({ role: 'presenter', stream }, () => new SdkPeer('send'));
    await this.#untilConnected(member);
    return member;
  }

  async watch(count: number): Promise<Member[]> {
    this.#offer ??= await this.#offering.offer();
    const sdpOffer = this.#offer;
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

  /** Says so many things, one after the other, each tried until it is taken or refused for good. */
  async talk(member: Member, name: string, count: number, pauseMs = 0): Promise<void> {
    for (let number = 1; number <= count; number += 1) {
      const text = `${name} ${number}`;
      for (let isSaid = false; !isSaid; ) {
        try {
          await member.session.chat.say(text);
          this.accepted.add(text);
          isSaid = true;
        } catch (error) {
          const { code, retryAfterMs } = error as { code: string; retryAfterMs?: number };
          if (code !== 'too-fast') {
            this.refused += 1;
            break;
          }
          await new Promise(resolve => setTimeout(resolve, retryAfterMs ?? 100));
        }
      }
      if (pauseMs > 0) await new Promise(resolve => setTimeout(resolve, pauseMs));
    }
  }

  /** Everybody who could go on has heard everything. */
  async untilAllHeard(timeoutMs = 30_000): Promise<void> {
    const missing = () =>
      this.members.filter(member => this.#texts(member).size < this.accepted.size && member.restarts === 0);
    await waitFor('everybody to have heard everything', async () => missing().length === 0, {
      timeoutMs,
      intervalMs: 100,
      actual: () => missing().map(({ heard, session }) => `${session.state}: ${heard.length}`),
    });
  }

  /** Of those whose session was continued each time. */
  verdict(): Verdict {
    const verdict = { lost: 0, twice: 0, outOfOrder: 0 };
    for (const member of this.members.filter(({ restarts }) => restarts === 0)) {
      const texts = this.#texts(member);
      for (const text of this.accepted) if (!texts.has(text)) verdict.lost += 1;
      verdict.twice += member.heard.filter(({ type }) => type === 'message').length - texts.size;
      let last = 0;
      for (const { offset } of member.heard) {
        if (offset <= last) verdict.outOfOrder += 1;
        last = offset;
      }
    }
    return verdict;
  }

  async leave(): Promise<void> {
    await Promise.all(this.members.map(({ session }) => session.leave()));
    this.#offering.close();
  }

  #texts({ heard }: Member): Set<string> {
    return new Set(heard.flatMap(entry => (entry.type === 'message' && entry.text ? [entry.text] : [])));
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
    const member: Member = { session, heard: [], viewers: undefined, restarts: 0, gaps: 0, ended: undefined };
    session.on('chat', entry => member.heard.push(entry));
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
