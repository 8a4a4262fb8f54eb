import { askAgainDelayMs } from './ask-again.js';
import { joinRoom } from './join.js';
import type { ParticipationEvent, StartParticipation } from './participation.js';

/** Never touches the camera. In a room without a presenter it goes on asking until there is one. */
export const startWatch: StartParticipation = order => {
  let timesAsked = 0;
  let stream: MediaStream | undefined;
  let askTimer: ReturnType<typeof setTimeout> | undefined;

  const onEvent = (event: ParticipationEvent) => {
    if (event.type === 'no-presenter') {
      askTimer = setTimeout(() => join.askAgain(), askAgainDelayMs(timesAsked++));
    }
    if (event.type === 'problem' || event.type === 'ended-by-server') clearTimeout(askTimer);
    order.onEvent(event);
    // Handed over only now, so that whatever the page showed before stays until there is something new.
    if (event.type === 'media-connected' && stream) order.onEvent({ type: 'stream-arrived', stream });
  };

  const join = joinRoom({
    ...order,
    id: 'viewer',
    addMedia: peer => {
      const tracks = (['audio', 'video'] as const).map(
        kind => peer.addTransceiver(kind, { direction: 'recvonly' }).receiver.track,
      );
      // One stream of our own: media servers differ in whether and how they group tracks into streams.
      stream = new MediaStream(tracks);
    },
    onEvent,
  });

  return {
    stop: () => {
      clearTimeout(askTimer);
      join.leave();
    },
    stats: () => join.stats(),
  };
};
