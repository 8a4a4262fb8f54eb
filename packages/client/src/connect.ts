import { openSession, type Session } from './session.js';
import { SessionError } from './session-error.js';
import type { SessionOptions } from './session-options.js';

/**
 * Joins a room. Resolves when media flows, or, for a viewer that would wait for a presenter, when it waits.
 * Rejects with a SessionError: `code` says why, `retryAfterMs` when to try again; with the signal's reason when
 * that was aborted first.
 */
export async function connect(options: SessionOptions): Promise<Session> {
  const session = openSession(options);
  await new Promise<void>((resolve, reject) => {
    const off = session.on('state', state => {
      if (state.name === 'ended') {
        const error = state.reason === 'left' ? options.signal?.reason : state.error;
        reject(error ?? new SessionError('no-presenter'));
      } else if (state.name === 'connected' || state.name === 'waiting') resolve();
      else return;
      off();
    });
  });
  return session;
}
