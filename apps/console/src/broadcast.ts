import { openCamera } from './camera.js';
import type { Participation, ParticipationEvent, StartParticipation } from './participation.js';
import { startSession } from './session-participation.js';

/** Camera first, then the room: a visitor without a camera never takes the presenter's place. */
export const startBroadcast: StartParticipation = order => {
  let stream: MediaStream | undefined;
  let session: Participation | undefined;
  let isOver = false;

  const release = () => {
    isOver = true;
    session?.stop();
    for (const track of stream?.getTracks() ?? []) track.stop();
  };
  const onEvent = (event: ParticipationEvent) => {
    if (isOver) return;
    order.onEvent(event);
    if (event.type === 'problem' || event.type === 'ended-by-server') release();
  };

  async function start() {
    const camera = await openCamera(navigator.mediaDevices);
    if ('problem' in camera) return onEvent({ type: 'problem', problem: camera.problem });
    stream = camera.stream;
    // Stopped while the browser was asking.
    if (isOver) return release();
    onEvent({ type: 'camera-ready', ...camera });
    for (const track of stream.getVideoTracks()) {
      // Fires when a device goes away, not after our own stop().
      track.onended = () => onEvent({ type: 'problem', problem: { code: 'camera-lost' } });
    }
    const { serverUrl: url, room, token } = order;
    session = startSession(
      { url, room, role: 'presenter', stream, ...(token !== undefined && { token }) },
      onEvent,
    );
  }
  void start();

  return {
    stop: release,
    get talk() {
      return session?.talk;
    },
    stats: async () => session?.stats() ?? [],
  };
};
