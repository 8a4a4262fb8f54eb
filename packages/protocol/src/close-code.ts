/**
 * Why the server closes a socket. The range carries the rule: 4000-4499 connect again (elsewhere, with
 * backoff); 4500-4999 do not, the same would happen again. The codes below 4000 are WebSocket's own.
 */
export const closeCodes = {
  'going-away': { code: 4000, meaning: 'this node is going away', reconnect: true },
  'heartbeat-lost': { code: 4001, meaning: 'the client did not answer pings', reconnect: true },
  'too-slow': { code: 4002, meaning: 'the client does not read what it is sent', reconnect: true },
  silent: { code: 4512, meaning: 'nothing was asked for in time', reconnect: false },
  superseded: { code: 4501, meaning: 'the session goes on, on a newer socket', reconnect: false },
  'too-many-errors': { code: 4500, meaning: 'too many invalid messages', reconnect: false },
  'token-expired': { code: 4510, meaning: 'the join token has expired', reconnect: false },
  'token-revoked': { code: 4511, meaning: 'the join token has been revoked', reconnect: false },
  kicked: { code: 4520, meaning: 'an operator or moderator has ended the session', reconnect: false },
  banned: { code: 4522, meaning: 'a moderator has banned this participant', reconnect: false },
  'room-closed': { code: 4521, meaning: 'an operator or moderator has closed the room', reconnect: false },
  /** Sent by the WebSocket library itself when a frame is over the size limit (RFC 6455). */
  'frame-too-large': { code: 1009, meaning: 'a frame is over the size limit', reconnect: false },
} as const satisfies Record<string, { code: number; meaning: string; reconnect: boolean }>;

export type CloseReason = keyof typeof closeCodes;

/** Why a session is ended against its client's wish; each is an error code too. */
export type ExpelReason = 'token-expired' | 'token-revoked' | 'kicked' | 'banned' | 'room-closed';
