import type { ErrorMessage } from './messages/error.js';
import type { IceCandidateMessage } from './messages/ice-candidate.js';
import type { PresenterResponse } from './messages/presenter.js';
import type { StopCommunication } from './messages/stop-communication.js';
import type { ViewerResponse } from './messages/viewer.js';

/** Everything the server may send. */
export type ServerMessage =
  | PresenterResponse
  | ViewerResponse
  | IceCandidateMessage
  | StopCommunication
  | ErrorMessage;
