import { describe, expect, it } from 'vitest';
import { nextState, type SessionMove, type SessionState } from './session-state.js';

const after = (moves: SessionMove['type'][], from: SessionState = { name: 'connecting' }) =>
  moves.reduce((state, type) => nextState(state, { type, reason: 'left' } as SessionMove), from);

describe('the state of a session', () => {
  it.each<[SessionMove['type'][], SessionState]>([
    [['accepted'], { name: 'connecting' }],
    [['accepted', 'media-up'], { name: 'connected' }],
    [['no-presenter'], { name: 'waiting' }],
    [['no-presenter', 'socket-lost', 'attached'], { name: 'waiting' }],
    [['no-presenter', 'accepted', 'media-up'], { name: 'connected' }],
    [['media-up', 'socket-lost'], { name: 'reconnecting', hasSocket: false, hasMedia: true }],
    [['media-up', 'socket-lost', 'attached'], { name: 'connected' }],
    [['media-up', 'media-lost'], { name: 'reconnecting', hasSocket: true, hasMedia: false }],
    [['media-up', 'media-lost', 'media-up'], { name: 'connected' }],
    [
      ['media-up', 'socket-lost', 'media-lost', 'attached'],
      { name: 'reconnecting', hasSocket: true, hasMedia: false },
    ],
    [['media-up', 'socket-lost', 'media-lost', 'attached', 'media-up'], { name: 'connected' }],
    [['media-up', 'no-presenter'], { name: 'waiting' }],
    [['media-up', 'media-lost', 'no-presenter'], { name: 'waiting' }],
  ])('%j', (moves, expected) => {
    expect(after(moves)).toEqual(expected);
  });

  it('a socket that is lost before there is media is still being connected', () => {
    const connecting: SessionState = { name: 'connecting' };
    for (const type of ['socket-lost', 'attached', 'media-lost'] as const) {
      expect(after([type], connecting)).toBe(connecting);
    }
  });

  it('nothing follows the end', () => {
    const ended = after(['media-up', 'ended']);
    expect(ended).toEqual({ name: 'ended', reason: 'left' });
    const moves = ['socket-lost', 'attached', 'media-lost', 'media-up', 'no-presenter', 'accepted'] as const;
    for (const type of [...moves, 'ended'] as const) expect(after([type], ended)).toBe(ended);
  });

  it('can end from anywhere', () => {
    for (const moves of [[], ['no-presenter'], ['media-up'], ['media-up', 'socket-lost']] as const) {
      expect(after([...moves, 'ended']).name).toBe('ended');
    }
  });
});
