import { expect, it } from 'vitest';
import { sessionId } from './ids.js';
import { SocketBindings } from './socket-bindings.js';

const [red, blue] = ['red', 'blue'].map(sessionId) as [never, never];

it('the last socket that binds a session has it, and the one before has none', () => {
  const bindings = new SocketBindings<string>();
  expect(bindings.bind(red, 'first')).toBe(true);
  expect(bindings.bind(red, 'first')).toBe(false);
  expect(bindings.bind(red, 'second')).toBe(true);
  expect(bindings.socketOf(red)).toBe('second');
  expect(bindings.sessionOf('first')).toBeUndefined();
  // Its end is not the end of the session's new socket.
  bindings.unbind('first');
  expect(bindings.socketOf(red)).toBe('second');
});

it('a socket that speaks for another session no longer speaks for the first', () => {
  const bindings = new SocketBindings<string>();
  bindings.bind(red, 'socket');
  bindings.bind(blue, 'socket');
  expect(bindings.socketOf(red)).toBeUndefined();
  expect(bindings.sessionOf('socket')).toBe(blue);
  bindings.unbind('socket');
  expect(bindings.socketOf(blue)).toBeUndefined();
});
