import type { StartParticipation } from './participation.js';
import { startSession } from './session-participation.js';

/** Never touches the camera. In a room without a presenter it goes on asking until there is one. */
export const startWatch: StartParticipation = ({ serverUrl, room, onEvent }) =>
  startSession({ url: serverUrl, room, role: 'viewer', waitForPresenter: true }, onEvent);
