import { describe, expect, it } from 'vitest';
import type { PageState } from './page-state.js';
import { statusWords } from './status-words.js';

const onAir = { isFlowing: true, isServerLost: false };

describe('status words', () => {
  it.each<[PageState, string]>([
    [{ name: 'idle' }, 'Ready'],
    [{ name: 'connecting', role: 'presenter', step: 'camera', hasSound: true }, 'Waiting for your camera'],
    [{ name: 'connecting', role: 'viewer', step: 'server', hasSound: true }, 'Connecting to the server'],
    [{ name: 'connecting', role: 'viewer', step: 'media', hasSound: true }, 'Connecting to the broadcast'],
    [{ name: 'waiting' }, 'Waiting for a presenter'],
    [{ name: 'live', hasSound: true, ...onAir }, 'You are live.'],
    [{ name: 'live', hasSound: false, ...onAir }, 'without sound'],
    [{ name: 'live', hasSound: true, isFlowing: false, isServerLost: false }, 'connection is weak'],
    [{ name: 'watching', hasPicture: false, ...onAir }, 'waiting for a picture'],
    [{ name: 'watching', hasPicture: true, ...onAir }, 'Watching live.'],
    [{ name: 'watching', hasPicture: true, isFlowing: false, isServerLost: false }, 'Nothing arrives'],
    [{ name: 'ended', role: 'viewer', by: 'server' }, 'The broadcast has ended.'],
    [{ name: 'ended', role: 'presenter', by: 'visitor' }, 'Your broadcast has ended.'],
    [{ name: 'failed', role: 'presenter', problem: { code: 'internal' } }, 'You are not live.'],
    [{ name: 'failed', role: 'viewer', problem: { code: 'internal' } }, 'Not watching.'],
  ])('%j reads “%s”', (state, words) => {
    expect(statusWords(state)).toContain(words);
  });
});
