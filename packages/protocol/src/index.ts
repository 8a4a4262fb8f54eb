export { ClientMessage, type ClientMessageId, type Speech } from './client-message.js';
export { type CloseReason, closeCodes, type ExpelReason } from './close-code.js';
export { decodeClientMessage } from './decode.js';
export { dialects, isSignalingPath, rejectionText, type SignalingPath } from './dialect.js';
export { type ErrorCode, errorCodes } from './error-code.js';
export {
  asEndpointId,
  asMediaServerUrl,
  asNodeId,
  asPipelineId,
  asSessionId,
  defaultRoom,
  type EndpointId,
  type MediaServerUrl,
  type NodeId,
  type PipelineId,
  RoomName,
  type SessionId,
} from './ids.js';
export type { Authorize, Authorized, TokenExpiring } from './messages/authorize.js';
export {
  Chat,
  type ChatAccepted,
  type ChatContent,
  type ChatEntryFields,
  type ChatEntryMessage,
  ChatText,
  maxChatLength,
} from './messages/chat.js';
export { ChatHistory, type ChatHistoryPage, maxHistoryLimit } from './messages/chat-history.js';
export type { ChatState } from './messages/chat-state.js';
export type { ErrorMessage } from './messages/error.js';
export type { Gap } from './messages/gap.js';
export type { Goaway } from './messages/goaway.js';
export { IceCandidate, type IceCandidateMessage } from './messages/ice-candidate.js';
export type { IceServerList, IceServersMessage } from './messages/ice-servers.js';
export type { Leave } from './messages/leave.js';
export { type Moderate, type Moderated, ModerationAct } from './messages/moderate.js';
export { maxSdpLength } from './messages/offer.js';
export type { OnIceCandidate } from './messages/on-ice-candidate.js';
export type { Ping, Pong } from './messages/ping.js';
export type { Presence } from './messages/presence.js';
export type { Presenter, PresenterResponse } from './messages/presenter.js';
export type { Renegotiate } from './messages/renegotiate.js';
export type { Resume, Resumed, ResumeRejected } from './messages/resume.js';
export type { RoomChange } from './messages/room-change.js';
export type { Roster, RosterMember, RosterMessage } from './messages/roster.js';
export type { Stop } from './messages/stop.js';
export type { StopCommunication } from './messages/stop-communication.js';
export type { Viewer, ViewerResponse } from './messages/viewer.js';
export type { Welcome } from './messages/welcome.js';
export { OpeningOptions } from './opening-options.js';
export { matchesRoom, RoomPattern } from './room-pattern.js';
export type { ServerMessage, TutorialServerMessage } from './server-message.js';
export { SignalError } from './signal-error.js';
export { subprotocol } from './subprotocol.js';
