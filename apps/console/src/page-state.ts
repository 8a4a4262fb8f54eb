import type { ParticipationEvent } from './participation.js';
import type { Problem } from './problem.js';

export type Role = 'presenter' | 'viewer';

/**
 * What the page is doing; exactly one at any moment, and `name` is what tests and styles see.
 *
 *   idle ──go-live, watch──▶ connecting ──media-connected──▶ live | watching
 *                            │   ▲                             │
 *               no-presenter ▼   │ accepted                    │ stop, ended-by-server
 *                           waiting         accepted again ◀── ▼
 *   any of them ──problem──▶ failed          idle ◀──stop── (not on air yet)   ended
 */
export type PageState =
  | { name: 'idle' }
  | { name: 'connecting'; role: Role; step: 'camera' | 'server' | 'media'; hasSound: boolean }
  | { name: 'waiting' }
  | ({ name: 'live'; hasSound: boolean } & OnAir)
  | ({ name: 'watching'; hasPicture: boolean } & OnAir)
  | { name: 'ended'; role: Role; by: 'visitor' | 'server' }
  | { name: 'failed'; role: Role; problem: Problem };

/** Media and signaling fail apart from each other: a lost socket leaves the picture running. */
interface OnAir {
  isFlowing: boolean;
  isServerLost: boolean;
}

export type PageEvent =
  | { type: 'go-live' }
  | { type: 'watch' }
  | { type: 'stop' }
  | { type: 'picture-shown' }
  | ParticipationEvent;

type StateNamed<N extends PageState['name']> = Extract<PageState, { name: N }>;
type EventNamed<T extends PageEvent['type']> = Extract<PageEvent, { type: T }>;
type Moves<S extends PageState> = {
  [T in PageEvent['type']]?: (state: S, event: EventNamed<T>) => PageState;
};

const onAir: OnAir = { isFlowing: true, isServerLost: false };
const found = <S extends PageState & OnAir>(state: S): S =>
  state.isServerLost ? { ...state, isServerLost: false } : state;
const goLive = (): PageState => ({ name: 'connecting', role: 'presenter', step: 'camera', hasSound: true });
const watch = (): StateNamed<'connecting'> => ({
  name: 'connecting',
  role: 'viewer',
  step: 'server',
  hasSound: true,
});
const fail =
  (role: Role) =>
  (_state: PageState, event: { problem: Problem }): PageState => ({
    name: 'failed',
    role,
    problem: event.problem,
  });

/** What is not in the table does not happen: an event that means nothing in a state leaves it as it is. */
const table: { [N in PageState['name']]: Moves<StateNamed<N>> } = {
  idle: { 'go-live': goLive, watch },
  connecting: {
    stop: () => ({ name: 'idle' }),
    'camera-ready': (state, event) => ({ ...state, step: 'server', hasSound: event.hasSound }),
    accepted: state => ({ ...state, step: 'media' }),
    'no-presenter': () => ({ name: 'waiting' }),
    'media-connected': state =>
      state.role === 'presenter'
        ? { name: 'live', hasSound: state.hasSound, ...onAir }
        : { name: 'watching', hasPicture: false, ...onAir },
    'ended-by-server': state => ({ name: 'ended', role: state.role, by: 'server' }),
    problem: (state, event) => fail(state.role)(state, event),
  },
  waiting: {
    stop: () => ({ name: 'idle' }),
    accepted: () => ({ name: 'connecting', role: 'viewer', step: 'media', hasSound: true }),
    'ended-by-server': () => ({ name: 'ended', role: 'viewer', by: 'server' }),
    problem: fail('viewer'),
  },
  live: {
    stop: () => ({ name: 'ended', role: 'presenter', by: 'visitor' }),
    'media-connected': state => ({ ...state, isFlowing: true }),
    'media-interrupted': state => ({ ...state, isFlowing: false }),
    'server-lost': state => ({ ...state, isServerLost: true }),
    'server-found': found,
    'ended-by-server': () => ({ name: 'ended', role: 'presenter', by: 'server' }),
    'go-live': goLive,
    problem: fail('presenter'),
  },
  watching: {
    stop: () => ({ name: 'ended', role: 'viewer', by: 'visitor' }),
    'picture-shown': state => ({ ...state, hasPicture: true }),
    'media-connected': state => ({ ...state, isFlowing: true }),
    'media-interrupted': state => ({ ...state, isFlowing: false }),
    'server-lost': state => ({ ...state, isServerLost: true }),
    'server-found': found,
    'ended-by-server': () => ({ name: 'ended', role: 'viewer', by: 'server' }),
    watch,
    problem: fail('viewer'),
  },
  ended: {
    'go-live': goLive,
    watch,
    accepted: state => (isAfterglow(state) ? { ...watch(), step: 'media' } : state),
  },
  failed: { 'go-live': goLive, watch },
};

export function nextState(state: PageState, event: PageEvent): PageState {
  const moves = table[state.name] as Moves<PageState>;
  const move = moves[event.type] as ((state: PageState, event: PageEvent) => PageState) | undefined;
  return move ? move(state, event) : state;
}

/** Whether the broadcast has ended for a viewer who may still be in its chat. */
export const isAfterglow = (state: PageState): boolean =>
  state.name === 'ended' && state.role === 'viewer' && state.by === 'server';

/** Whether a participation with media runs behind this state. */
export function isUnderWay(state: PageState): boolean {
  switch (state.name) {
    case 'connecting':
    case 'waiting':
    case 'live':
    case 'watching':
      return true;
    case 'idle':
    case 'ended':
    case 'failed':
      return false;
  }
}

/** The problem to put into words: the one that ended the attempt, or one that it lives on with. */
export function presentProblem(state: PageState): Problem | undefined {
  switch (state.name) {
    case 'failed':
      return state.problem;
    case 'waiting':
      return { code: 'no-presenter' };
    case 'live':
    case 'watching':
      return state.isServerLost ? { code: 'server-lost-on-air' } : undefined;
    case 'idle':
    case 'connecting':
    case 'ended':
      return undefined;
  }
}
