/**
 * Every refusal and failure a client can be told of, in one table. The wire body, the metric label, the log
 * level and the client's behaviour are all read from here.
 *
 * `retry`: whether the same request may succeed later without anything being changed by the client.
 * `log`: the level at which the server reports it; a client's mistake is not the operator's warning.
 */
export const errorCodes = {
  // what the client sent
  'invalid-json': { meaning: 'the frame is not JSON', retry: false, log: 'debug' },
  'invalid-message': { meaning: 'a field is missing or has the wrong type', retry: false, log: 'debug' },
  'unknown-message': { meaning: 'no message of this id exists', retry: false, log: 'debug' },
  'binary-frame': { meaning: 'frames are JSON text', retry: false, log: 'debug' },
  'too-large': { meaning: 'a field is over its size limit', retry: false, log: 'debug' },
  'too-many-candidates': { meaning: 'more candidates than one attempt may send', retry: false, log: 'debug' },
  'out-of-order': { meaning: 'this message means nothing in the present state', retry: false, log: 'debug' },
  'bad-sdp': { meaning: 'the media server cannot read the offer', retry: false, log: 'info' },
  'bad-candidate': { meaning: 'the media server cannot read the candidate', retry: false, log: 'debug' },
  // what the room says
  kicked: { meaning: 'an operator or moderator has ended the session', retry: false, log: 'info' },
  'room-closed': { meaning: 'an operator or moderator has closed the room', retry: false, log: 'info' },
  'presenter-exists': { meaning: 'the room has a presenter already', retry: true, log: 'info' },
  'no-presenter': { meaning: 'nobody presents in the room', retry: true, log: 'info' },
  'not-in-room': { meaning: 'the session is not in this room', retry: false, log: 'debug' },
  banned: { meaning: 'a moderator has banned this participant from the room', retry: false, log: 'info' },
  'room-full': { meaning: 'the room has as many viewers as it may have', retry: true, log: 'info' },
  'room-not-open': { meaning: 'the room is not open yet', retry: true, log: 'info' },
  // what the chat says
  'chat-closed': { meaning: 'the chat is not open', retry: false, log: 'debug' },
  'chat-unknown': {
    meaning: 'there is no such log of the chat, or not any more',
    retry: false,
    log: 'debug',
  },
  'not-allowed': { meaning: 'the session may not do that here', retry: false, log: 'info' },
  'not-found': { meaning: 'what the request is about does not exist', retry: false, log: 'debug' },
  muted: { meaning: 'a moderator has muted this participant', retry: true, log: 'debug' },
  'too-fast': { meaning: 'too many messages in a short time', retry: true, log: 'debug' },
  // what a resume is told
  'bad-token': {
    meaning: 'the resume token is not one of this cluster’s, or an older one',
    retry: false,
    log: 'info',
  },
  'session-unknown': { meaning: 'the session has ended', retry: false, log: 'info' },
  fenced: { meaning: 'the session is attached elsewhere by now', retry: false, log: 'info' },
  // what a join token is told
  'token-missing': { meaning: 'this room asks for a join token', retry: false, log: 'info' },
  'token-malformed': { meaning: 'the join token cannot be read', retry: false, log: 'info' },
  'token-algorithm': {
    meaning: 'the join token is signed in a way that is not accepted here',
    retry: false,
    log: 'info',
  },
  'token-key-unknown': {
    meaning: 'the key of the join token is not, or no more, one of this cluster’s',
    retry: false,
    log: 'info',
  },
  'token-signature': { meaning: 'the signature of the join token is wrong', retry: false, log: 'info' },
  'token-foreign': { meaning: 'the join token is meant for somebody else', retry: false, log: 'info' },
  'token-too-early': { meaning: 'the join token is not valid yet', retry: true, log: 'info' },
  'token-expired': { meaning: 'the join token has expired', retry: false, log: 'info' },
  'token-revoked': { meaning: 'the join token has been revoked', retry: false, log: 'info' },
  'token-used': { meaning: 'the join token was good for one time, which is over', retry: false, log: 'info' },
  'token-room': { meaning: 'the join token is for another room', retry: false, log: 'info' },
  'token-role': { meaning: 'the join token does not allow this role', retry: false, log: 'info' },
  'token-keys-unavailable': {
    meaning: 'the keys of join tokens cannot be fetched for the moment',
    retry: true,
    log: 'warn',
  },
  // what the cluster says
  'pool-full': { meaning: 'no media server has room for one more endpoint', retry: true, log: 'warn' },
  'media-full': { meaning: 'the room’s media server refuses more endpoints', retry: true, log: 'warn' },
  'media-unavailable': { meaning: 'the media server does not answer', retry: true, log: 'warn' },
  'media-gone': { meaning: 'the media object does not exist any more', retry: true, log: 'info' },
  unavailable: { meaning: 'the cluster’s state is out of reach for the moment', retry: true, log: 'warn' },
  'node-full': { meaning: 'this node serves as many sessions as it may', retry: true, log: 'warn' },
  draining: { meaning: 'this node is going away', retry: true, log: 'info' },
  overloaded: { meaning: 'there is too much to do to begin that now', retry: true, log: 'info' },
  // limits of one client
  'too-many-messages': { meaning: 'more messages than one socket may send', retry: true, log: 'debug' },
  'too-many-joins': { meaning: 'more joins than one address may make', retry: true, log: 'info' },
  'too-many-sessions': {
    meaning: 'this identity has as many sessions as it may have',
    retry: true,
    log: 'info',
  },
  'too-many-rooms': {
    meaning: 'this identity presents in as many rooms as it may',
    retry: false,
    log: 'info',
  },
  internal: { meaning: 'a fault on the server’s side', retry: true, log: 'error' },
} as const satisfies Record<
  string,
  { meaning: string; retry: boolean; log: 'debug' | 'info' | 'warn' | 'error' }
>;

export type ErrorCode = keyof typeof errorCodes;
