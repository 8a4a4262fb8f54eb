export type { Chat } from './chat.js';
export { connect } from './connect.js';
export { openSession, type Session } from './session.js';
export { type LocalErrorCode, SessionError, type SessionErrorCode } from './session-error.js';
export type { SessionEvents } from './session-events.js';
export type { SessionOptions } from './session-options.js';
export type { EndReason, SessionState, SessionStateName } from './session-state.js';
export type { WebSocketClass, WebSocketLike } from './signaling-socket.js';
export type { Timers } from './timers.js';
