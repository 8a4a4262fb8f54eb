import { openCamera } from './camera.js';
import { type Join, joinRoom } from './join.js';
import type { ParticipationEvent, StartParticipation } from './participation.js';

/** Camera first, then the room: a visitor without a camera never takes the presenter's place. */
export const startBroadcast: StartParticipation = order => {
  let stream: MediaStream | undefined;
  let join: Join | undefined;
  let isOver = false;

  const release = () => {
    isOver = true;
    join?.leave();
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
    join = joinRoom({ ...order, id: 'presenter', addMedia: sendAll(stream), onEvent });
  }
  void start();

  return { stop: release, stats: async () => join?.stats() ?? [] };
};

/** Both kinds are always offered: without a microphone the sound stays silent rather than missing. */
const sendAll = (stream: MediaStream) => (peer: RTCPeerConnection) => {
  for (const kind of ['audio', 'video']) {
    const track = stream.getTracks().find(candidate => candidate.kind === kind);
    peer.addTransceiver(track ?? kind, { direction: 'sendonly', streams: [stream] });
  }
};
