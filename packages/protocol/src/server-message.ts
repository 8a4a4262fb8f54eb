import type { Authorized, TokenExpiring } from './messages/authorize.js';
import type { ChatAccepted, ChatEntryMessage } from './messages/chat.js';
import type { ChatHistoryPage } from './messages/chat-history.js';
import type { ChatState } from './messages/chat-state.js';
import type { ErrorMessage } from './messages/error.js';
import type { Gap } from './messages/gap.js';
import type { Goaway } from './messages/goaway.js';
import type { IceCandidateMessage } from './messages/ice-candidate.js';
import type { IceServersMessage } from './messages/ice-servers.js';
import type { Moderated } from './messages/moderate.js';
import type { Pong } from './messages/ping.js';
import type { Presence } from './messages/presence.js';
import type { PresenterResponse } from './messages/presenter.js';
import type { Renegotiate } from './messages/renegotiate.js';
import type { Resumed, ResumeRejected } from './messages/resume.js';
import type { RoomChange } from './messages/room-change.js';
import type { RosterMessage } from './messages/roster.js';
import type { StopCommunication } from './messages/stop-communication.js';
import type { ViewerResponse } from './messages/viewer.js';
import type { Welcome } from './messages/welcome.js';

/** What a tutorial page understands. */
export type TutorialServerMessage =
  | PresenterResponse
  | ViewerResponse
  | IceCandidateMessage
  | StopCommunication
  | ErrorMessage;

/** Everything the server may send; what is not the tutorial's only to `manycast.v1`. */
export type ServerMessage =
  | TutorialServerMessage
  | Welcome
  | Resumed
  | ResumeRejected
  | RoomChange
  | Gap
  | Renegotiate
  | Goaway
  | Authorized
  | IceServersMessage
  | TokenExpiring
  | ChatState
  | ChatEntryMessage
  | ChatAccepted
  | ChatHistoryPage
  | Presence
  | Moderated
  | RosterMessage
  | Pong;
