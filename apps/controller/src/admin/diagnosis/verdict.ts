import type { EndpointFigures, JournalEntry, RoomView, Session } from '@manycast/core';
import { type ErrorCode, errorCodes } from '@manycast/protocol';

/** An endpoint as its media server sees it, twice within a second. */
export type EndpointSight =
  | { state: 'seen'; figures: EndpointFigures; bytesInPerS: number; bytesOutPerS: number }
  /** The media server does not know it. */
  | { state: 'gone' }
  /** The media server does not answer. */
  | { state: 'unreachable' };

/** All that is known of one session, at the moment it is asked for. */
export interface Facts {
  nowMs: number;
  /** Null when it has ended. */
  session: Session | null;
  /** In order; may be empty. */
  entries: JournalEntry[];
  /** Null when the session's room is not known. */
  room: RoomView | null;
  isNodeLive: boolean;
  own: EndpointSight | null;
  /** The presenter's endpoint; the session's own for a presenter. */
  presenter: EndpointSight | null;
}

export interface Verdict {
  code: string;
  /** For people, in whole sentences: what is wrong, and where to look. */
  words: string;
}

/** Why a session has no picture, or that it has one. The first that applies, from the client's side inwards. */
export function verdictOf(facts: Facts): Verdict {
  const { session, own } = facts;
  if (!session) return ofEnded(facts);
  if (session.detachedAtMs !== null) return detached(facts, session.detachedAtMs);
  if (!facts.isNodeLive)
    return say(
      'node-dead',
      `Its node ${session.node} does not renew its lease. Within seconds a controller lets its client resume on another node.`,
    );
  if (!session.media)
    return say(
      'joining',
      'Its offer has not been answered yet. If that lasts, look at the join phases redis and kms.',
    );
  if (isOutdated(session, facts.room))
    return say(
      'media-moved',
      'The room’s media was built anew and its client has not offered again yet; what it sees is of before.',
    );
  if (!own || own.state === 'unreachable')
    return say(
      'server-unreachable',
      `The media server ${session.media.server} does not answer this controller. See the runbook ManycastMediaServerUnreachable.`,
    );
  if (own.state === 'gone')
    return say(
      'endpoint-gone',
      'The media server does not know its endpoint any more. The reconcile loop tells its client to offer again.',
    );
  if (own.figures.connection !== 'connected') return unconnected(facts);
  return session.role === 'presenter' ? ofPresenter(own) : ofViewer(facts, own);
}

function ofEnded({ entries, nowMs }: Facts): Verdict {
  const last = entries.at(-1);
  if (last?.what === 'rejected') {
    const code = String(last.detail?.code);
    const meaning =
      code in errorCodes ? errorCodes[code as ErrorCode].meaning : 'for a reason of a newer release';
    return say('refused', `It was refused ${ago(last.atMs, nowMs)} (${code}): ${meaning}.`);
  }
  const why = last?.detail?.why ? `: ${last.detail.why}` : '';
  return say(
    'ended',
    `It has ended. The last that is known of it, ${last ? ago(last.atMs, nowMs) : 'ever'}: ${last?.what}${why}.`,
  );
}

function detached({ session, nowMs }: Facts, sinceMs: number): Verdict {
  return session?.speech === 'tutorial'
    ? say(
        'detached',
        `Its node went away ${ago(sinceMs, nowMs)}. It is a tutorial page, which cannot come back: it plays on for as long as its endpoint is connected.`,
      )
    : say(
        'detached',
        `Its client lost its socket ${ago(sinceMs, nowMs)} and has not come back yet. Its place is kept for the grace period.`,
      );
}

/** A room that is just built anew plays what was before. */
const isOutdated = ({ media }: Session, room: RoomView | null): boolean =>
  room?.state === 'live' && media !== null && media.generation < room.generation;

function unconnected({ entries }: Facts): Verdict {
  const answeredAt = entries.findLastIndex(({ what }) => what === 'answered');
  const wasConnected = entries.slice(answeredAt + 1).some(({ what }) => what === 'connected');
  return wasConnected
    ? say(
        'connection-lost',
        'Its connection to the media server was there and is lost: its network changed, or the client went to sleep. A new offer helps.',
      )
    : say(
        'never-connected',
        'It was answered, but ICE never connected: no UDP between client and media server. Look at the firewall of the media ports, at KMS_EXTERNAL_IPV4, and at TURN.',
      );
}

function ofPresenter({ bytesInPerS }: Extract<EndpointSight, { state: 'seen' }>): Verdict {
  return bytesInPerS === 0
    ? say(
        'sends-nothing',
        'It is connected, but sends nothing: the camera is off or taken away, or the page is in the background.',
      )
    : say('flowing', `It sends ${kbps(bytesInPerS)}. The cluster receives it.`);
}

function ofViewer({ presenter, room }: Facts, own: Extract<EndpointSight, { state: 'seen' }>): Verdict {
  if (!room?.presenter || !presenter || presenter.state === 'gone')
    return say(
      'presenter-missing',
      'It is connected, but nobody presents: the presenter left or lost its media.',
    );
  if (presenter.state === 'unreachable')
    return say('presenter-unreachable', 'The presenter’s endpoint cannot be asked just now.');
  if (presenter.figures.connection !== 'connected')
    return say(
      'presenter-disconnected',
      'It is connected, but the presenter’s endpoint is not: all viewers of the room see nothing. Diagnose the presenter.',
    );
  if (presenter.bytesInPerS === 0)
    return say(
      'presenter-silent',
      'It is connected, and so is the presenter, who sends nothing: all viewers of the room see nothing.',
    );
  if (own.bytesOutPerS === 0)
    return say(
      'not-forwarded',
      'The presenter’s media arrives, but none goes out to this viewer: the two have no codec in common, or the media server is stuck.',
    );
  return say(
    'flowing',
    `The media server sends it ${kbps(own.bytesOutPerS)}. If it shows nothing, that is in its browser: autoplay, a hidden element, a decoder.`,
  );
}

const say = (code: string, words: string): Verdict => ({ code, words });
const kbps = (bytesPerS: number): string => `${Math.round((bytesPerS * 8) / 1_000)} kbit/s`;

function ago(atMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - atMs) / 1_000));
  return seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}
