import type { SessionError } from './session-error.js';

/**
 * What a session is doing; exactly one at any moment.
 *
 *   connecting ──media-up──▶ connected ──socket-lost, media-lost──▶ reconnecting
 *     ▲  │ no-presenter          ▲ └──────── no-presenter ────────┐      │
 *     │  ▼                       └──────── attached, media-up ────┼──────┘
 *   waiting ◀─────────────────────────────────────────────────────┘
 *   any of them ──ended──▶ ended
 */
export type SessionState =
  | { name: 'connecting' }
  /** Viewers only: nobody presents, and the session goes on asking. */
  | { name: 'waiting' }
  | { name: 'connected' }
  /** It had media. Socket and media are lost apart from each other: the picture may well go on without a socket. */
  | { name: 'reconnecting'; hasSocket: boolean; hasMedia: boolean }
  | { name: 'ended'; reason: EndReason; error?: SessionError };

/**
 * `left`: by this side. `presenter-left`: the broadcast is over. `superseded`: the session goes on on another
 * socket. `failed`: see the error.
 */
export type EndReason = 'left' | 'presenter-left' | 'superseded' | 'failed';

export type SessionStateName = SessionState['name'];

/** What moves it. `attached`: a socket carries the session again. `accepted`: the answer to an offer. */
export type SessionMove =
  | { type: 'socket-lost' }
  | { type: 'attached' }
  | { type: 'media-lost' }
  | { type: 'media-up' }
  | { type: 'no-presenter' }
  | { type: 'accepted' }
  | { type: 'ended'; reason: EndReason; error?: SessionError };

type StateNamed<N extends SessionStateName> = Extract<SessionState, { name: N }>;
type MoveNamed<T extends SessionMove['type']> = Extract<SessionMove, { type: T }>;
type Moves<S extends SessionState> = {
  [T in SessionMove['type']]?: (state: S, move: MoveNamed<T>) => SessionState;
};

const waiting = (): SessionState => ({ name: 'waiting' });
const ended = (_: SessionState, { reason, error }: MoveNamed<'ended'>): SessionState => ({
  name: 'ended',
  reason,
  ...(error && { error }),
});
const repaired = (hasSocket: boolean, hasMedia: boolean): SessionState =>
  hasSocket && hasMedia ? { name: 'connected' } : { name: 'reconnecting', hasSocket, hasMedia };

/** What is not in the table does not happen: a move that means nothing in a state leaves it as it is. */
const table: { [N in SessionStateName]: Moves<StateNamed<N>> } = {
  connecting: { 'media-up': () => ({ name: 'connected' }), 'no-presenter': waiting, ended },
  waiting: { accepted: () => ({ name: 'connecting' }), ended },
  connected: {
    'socket-lost': () => repaired(false, true),
    'media-lost': () => repaired(true, false),
    'no-presenter': waiting,
    ended,
  },
  reconnecting: {
    'socket-lost': state => repaired(false, state.hasMedia),
    attached: state => repaired(true, state.hasMedia),
    'media-lost': state => repaired(state.hasSocket, false),
    'media-up': state => repaired(state.hasSocket, true),
    'no-presenter': waiting,
    ended,
  },
  ended: {},
};

export function nextState(state: SessionState, move: SessionMove): SessionState {
  const moves = table[state.name] as Moves<SessionState>;
  const step = moves[move.type] as ((state: SessionState, move: SessionMove) => SessionState) | undefined;
  return step ? step(state, move) : state;
}
