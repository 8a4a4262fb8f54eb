import { describe, expect, it } from 'vitest';
import {
  isAfterglow,
  isUnderWay,
  nextState,
  type PageEvent,
  type PageState,
  presentProblem,
} from './page-state.js';

const stream = {} as MediaStream;
const idle: PageState = { name: 'idle' };
const after = (events: PageEvent[], from: PageState = idle) => events.reduce(nextState, from);

const cameraReady: PageEvent = { type: 'camera-ready', stream, hasSound: true };
const toLive: PageEvent[] = [
  { type: 'go-live' },
  cameraReady,
  { type: 'accepted' },
  { type: 'media-connected' },
];
const toWatching: PageEvent[] = [{ type: 'watch' }, { type: 'accepted' }, { type: 'media-connected' }];
const problem: PageEvent = { type: 'problem', problem: { code: 'unavailable' } };

describe('the page’s state', () => {
  it('goes live by way of the camera, the server and the media', () => {
    const steps = toLive.map((_, index) => after(toLive.slice(0, index + 1)));
    expect(steps.map(state => (state.name === 'connecting' ? state.step : state.name))).toEqual([
      'camera',
      'server',
      'media',
      'live',
    ]);
  });

  it('remembers a missing microphone until the broadcast is live', () => {
    const events = toLive.map(event => (event === cameraReady ? { ...cameraReady, hasSound: false } : event));
    expect(after(events)).toMatchObject({ name: 'live', hasSound: false });
  });

  it('waits for a presenter, however often there is none, and then watches', () => {
    const waiting = after([{ type: 'watch' }, { type: 'no-presenter' }, { type: 'no-presenter' }]);
    expect(waiting.name).toBe('waiting');
    expect(presentProblem(waiting)?.code).toBe('no-presenter');
    expect(after([{ type: 'accepted' }, { type: 'media-connected' }], waiting)).toMatchObject({
      name: 'watching',
      hasPicture: false,
    });
  });

  it('keeps watching through an interruption and without the server', () => {
    const watching = after([...toWatching, { type: 'picture-shown' }, { type: 'media-interrupted' }]);
    expect(watching).toMatchObject({ name: 'watching', isFlowing: false, hasPicture: true });
    const lost = after([{ type: 'media-connected' }, { type: 'server-lost' }], watching);
    expect(lost).toMatchObject({ name: 'watching', isFlowing: true, isServerLost: true });
    expect(presentProblem(lost)?.code).toBe('server-lost-on-air');
    const found = after([{ type: 'server-found' }], lost);
    expect(found).toEqual({ ...lost, isServerLost: false });
    expect(presentProblem(found)).toBeUndefined();
    expect(after([{ type: 'server-found' }], found)).toBe(found);
    expect(after([{ type: 'watch' }], lost)).toMatchObject({ name: 'connecting', role: 'viewer' });
  });

  it.each([
    ['connecting', [{ type: 'watch' }], 'idle'],
    ['waiting', [{ type: 'watch' }, { type: 'no-presenter' }], 'idle'],
    ['live', toLive, 'ended'],
    ['watching', toWatching, 'ended'],
  ] as [string, PageEvent[], string][])('a stop while %s leads to the right rest', (name, events, rest) => {
    expect(after(events).name).toBe(name);
    expect(after([...events, { type: 'stop' }]).name).toBe(rest);
  });

  it.each([
    ['presenter', toLive],
    ['viewer', toWatching],
  ] as [string, PageEvent[]][])('a %s fails with its problem and may start again', (role, events) => {
    const failed = after([...events, problem]);
    expect(failed).toEqual({ name: 'failed', role, problem: { code: 'unavailable' } });
    expect(presentProblem(failed)).toEqual({ code: 'unavailable' });
    expect(after([{ type: 'go-live' }], failed)).toMatchObject({ name: 'connecting', role: 'presenter' });
  });

  it('tells who ended a broadcast', () => {
    expect(after([...toWatching, { type: 'ended-by-server' }])).toEqual({
      name: 'ended',
      role: 'viewer',
      by: 'server',
    });
    expect(after([...toLive, { type: 'stop' }])).toEqual({ name: 'ended', role: 'presenter', by: 'visitor' });
  });

  it('watches again when the presenter comes back to who is still in the chat', () => {
    const ended = after([...toWatching, { type: 'ended-by-server' }]);
    expect(isAfterglow(ended)).toBe(true);
    expect(after([{ type: 'accepted' }, { type: 'media-connected' }], ended).name).toBe('watching');
    const left = after([...toWatching, { type: 'stop' }]);
    expect(isAfterglow(left)).toBe(false);
    expect(after([{ type: 'accepted' }], left)).toBe(left);
  });

  it('ignores whatever comes late', () => {
    const late: PageEvent[] = [
      ...toLive.slice(1),
      problem,
      { type: 'stop' },
      { type: 'no-presenter' },
      { type: 'server-lost' },
      { type: 'server-found' },
      { type: 'ended-by-server' },
      { type: 'picture-shown' },
      { type: 'media-interrupted' },
    ];
    const ended = after([...toLive, { type: 'stop' }]);
    for (const state of [idle, ended]) {
      for (const event of late) expect(nextState(state, event)).toBe(state);
    }
  });

  it('has a participation behind it exactly while something is under way', () => {
    expect(
      [idle, after([{ type: 'watch' }]), after(toLive), after([...toLive, problem])].map(isUnderWay),
    ).toEqual([false, true, true, false]);
  });
});
