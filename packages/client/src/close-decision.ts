import { closeCodes } from '@manycast/protocol/wire';
import { SessionError, type SessionErrorCode } from './session-error.js';

/** What the table says of single codes, whatever their range. */
const table = new Map<number, boolean>(
  Object.values(closeCodes).map(({ code, reconnect }) => [code, reconnect]),
);

/**
 * After a socket was closed: `undefined` connects again, an error is final. 4000-4499 connect again, 4500-4999 do
 * not; WebSocket's own codes (1001, 1006, 1011, 1012, 1013) do, but for those that the table knows better.
 */
export function finalError(code: number, meaning = ''): SessionError | undefined {
  const isFinal = table.has(code) ? !table.get(code) : code >= 4500 && code <= 4999;
  if (!isFinal) return undefined;
  return new SessionError(told.get(code) ?? 'server-refuses', { message: meaning });
}

/** The reasons that are codes of their own. */
const told = new Map<number, SessionErrorCode>(
  (['superseded', 'token-expired', 'token-revoked', 'kicked', 'room-closed'] as const).map(reason => [
    closeCodes[reason].code,
    reason,
  ]),
);
