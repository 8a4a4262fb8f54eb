import { describe, expect, it } from 'vitest';
import { RoomName } from './ids.js';
import { matchesRoom, RoomPattern } from './room-pattern.js';

describe('a pattern of rooms', () => {
  it.each([
    ['stage', 'stage', true],
    ['stage', 'stage-2', false],
    ['class-*', 'class-7', true],
    ['class-*', 'class-', true],
    ['class-*', 'classroom', false],
    ['*', 'anything', true],
    ['a.b', 'axb', false],
  ])('%s and the room %s: %s', (pattern, room, expected) => {
    expect(matchesRoom(RoomPattern.parse(pattern), RoomName.parse(room))).toBe(expected);
  });

  it.each(['', '**', '*a', 'a*b', 'a b', '-a', `${'r'.repeat(64)}*`])('%j is none', text => {
    expect(RoomPattern.safeParse(text).success).toBe(false);
  });
});
