import { openSession, SessionError, type SessionOptions, type SessionState } from '@manycast/client';
import type { Participation, ParticipationEvent, RtcStat } from './participation.js';
import type { Problem } from './problem.js';

/**
 * A session of the SDK as the page knows participations. Its first event comes later than this call. A viewer's that waits
 * for presenters stays in the chat when the broadcast is over, until that closes; it is there when the presenter comes back.
 */
export function startSession(
  options: SessionOptions,
  onEvent: (event: ParticipationEvent) => void,
): Participation {
  let hadMedia = false;
  let isOver = false;
  let isInAfterglow = false;
  const session = open(options, problem => tell({ type: 'problem', problem }));

  function tell(event: ParticipationEvent) {
    if (isOver) return;
    onEvent(event);
    if (event.type === 'problem' || (event.type === 'ended-by-server' && !isInAfterglow)) stop();
  }
  function stop() {
    isOver = true;
    void session?.leave();
  }

  session?.on('accepted', () => {
    isInAfterglow = false;
    tell({ type: 'accepted' });
  });
  session?.on('state', state => {
    const events = eventsOf(state, hadMedia);
    isInAfterglow = state.name === 'waiting' && hadMedia;
    if (isInAfterglow) hadMedia = false;
    for (const event of events) tell(event);
  });
  session?.on('chatState', ({ isOpen }) => {
    if (isInAfterglow && !isOpen) stop();
  });
  // The session was over with the broadcast: another socket does not lead back to its chat.
  session?.on('reconnecting', () => {
    if (isInAfterglow) stop();
  });
  session?.on('media', ({ isFlowing }) => {
    tell({ type: isFlowing ? 'media-connected' : 'media-interrupted' });
    // Handed over only now, so that whatever the page showed before stays until there is something new.
    if (!hadMedia && session.stream) tell({ type: 'stream-arrived', stream: session.stream });
    hadMedia = true;
  });

  return {
    stop,
    talk: session,
    stats: async () => {
      if (!hadMedia || isOver) return [];
      const report = await session?.peerConnection?.getStats();
      return Array.from((report?.values() ?? []) as Iterable<RtcStat>);
    },
  };
}

function open(options: SessionOptions, onProblem: (problem: Problem) => void) {
  try {
    return openSession(options);
  } catch (error) {
    queueMicrotask(() => onProblem(problemOf(error as SessionError)));
    return undefined;
  }
}

function eventsOf(state: SessionState, hadMedia: boolean): ParticipationEvent[] {
  switch (state.name) {
    case 'connecting':
      return [];
    case 'waiting':
      // Who has watched is told that it is over.
      return [{ type: hadMedia ? 'ended-by-server' : 'no-presenter' }];
    case 'connected':
      return [{ type: 'server-found' }];
    case 'reconnecting':
      return [
        { type: state.hasSocket ? 'server-found' : 'server-lost' },
        ...(state.hasMedia ? [] : [{ type: 'media-interrupted' } as const]),
      ];
    case 'ended':
      if (state.reason === 'left' || state.reason === 'presenter-left') return [{ type: 'ended-by-server' }];
      return [{ type: 'problem', problem: problemOf(state.error ?? new SessionError(state.reason)) }];
  }
}

/** A node's address is read before; what is wrong with it now is that the browser does not open it. */
const problemOf = ({ code, message, retryAfterMs }: SessionError): Problem => ({
  code: code === 'bad-address' ? 'insecure-node' : code,
  message,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});
