import type { StartParticipation } from './participation.js';
import { startSession } from './session-participation.js';

/** Never touches the camera. In a room without a presenter it goes on asking until there is one. */
export const startWatch: StartParticipation = ({ serverUrl: url, room, token, onEvent }) =>
  startSession(
    { url, room, role: 'viewer', waitForPresenter: true, ...(token !== undefined && { token }) },
    onEvent,
  );
