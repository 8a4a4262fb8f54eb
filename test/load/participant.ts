import { openSession, type Session } from '@manycast/client';
import WebSocket from 'ws';
import { SdkPeer } from '../support/sdk-peer.js';
import type { LoadOrder } from './order.js';
import { SyntheticPeer } from './synthetic-peer.js';
import type { Timeline } from './timeline.js';

/** How often a viewer looks whether its first packet of video has come: what its time is exact to. */
const lookMs = 10;
const withoutTracks = { getTracks: () => [] } as unknown as MediaStream;

/** One client on the SDK, as an application would have it: it resumes, offers again, and tells what happened to it. */
export class Participant {
  private readonly session: Session;
  private peer: SdkPeer | SyntheticPeer | undefined;
  private readonly begunAt = performance.now();
  private lostAt: number | undefined;
  private hasAnswer = false;
  private looking: NodeJS.Timeout | undefined;

  constructor(
    role: 'presenter' | 'viewer',
    room: string,
    { nodes, token, isMedia }: LoadOrder,
    private readonly timeline: Timeline,
  ) {
    timeline.note('begun');
    const createPeerConnection = () => {
      this.peer = isMedia ? new SdkPeer(role === 'presenter' ? 'send' : 'receive') : new SyntheticPeer(role);
      return this.peer as unknown as RTCPeerConnection;
    };
    const details = {
      urls: nodes,
      room,
      joinAttempts: 5,
      createPeerConnection,
      WebSocket: WebSocket as never,
    };
    const part =
      role === 'presenter'
        ? ({ role, stream: withoutTracks } as const)
        : ({ role, waitForPresenter: true } as const);
    this.session = openSession({ ...details, ...part, ...(token !== undefined && { token }) });
    this.listen();
    if (role === 'viewer') this.looking = setInterval(() => this.look(), lookMs);
  }

  get isLive(): boolean {
    return this.session.state === 'connected' || this.session.state === 'reconnecting';
  }

  leave(): void {
    clearInterval(this.looking);
    this.session.leave();
  }

  private listen(): void {
    const { session, timeline } = this;
    session.on('accepted', () => {
      if (this.hasAnswer) return;
      this.hasAnswer = true;
      timeline.note('answered', this.sinceBegun);
    });
    session.on('reconnecting', () => {
      if (this.lostAt !== undefined) return;
      this.lostAt = performance.now();
      timeline.note('reconnecting');
    });
    session.on('resumed', () => {
      timeline.note('resumed', performance.now() - (this.lostAt ?? performance.now()));
      this.lostAt = undefined;
    });
    session.on('restarted', () => timeline.note('restarted'));
    let flowedAt = 0;
    session.on('media', ({ isFlowing }) => {
      const now = performance.now();
      if (!isFlowing) flowedAt = now;
      else if (flowedAt > 0) timeline.note('media-back', now - flowedAt);
    });
    session.on('error', ({ code }) => timeline.count(code));
    session.on('ended', ({ reason, error }) => {
      clearInterval(this.looking);
      if (reason === 'left') return;
      timeline.count(error?.code ?? reason);
      timeline.note(this.hasAnswer ? 'ended' : 'refused', this.sinceBegun);
    });
  }

  private look(): void {
    const hasPicture =
      this.peer instanceof SdkPeer
        ? this.peer.peer.received.video > 0
        : this.peer?.connectionState === 'connected';
    if (!hasPicture) return;
    clearInterval(this.looking);
    this.timeline.note('first-frame', this.sinceBegun);
  }

  private get sinceBegun(): number {
    return performance.now() - this.begunAt;
  }
}
