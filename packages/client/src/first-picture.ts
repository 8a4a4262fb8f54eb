import { createAlarm, type Timers } from './timers.js';

/** Then the switch is made all the same: whatever comes will come on the new connection. */
const longestWaitMs = 3_000;
/** As long as nothing is missed meanwhile. */
const longestPatienceMs = 10_000;
const lookAgainMs = 50;

/**
 * Calls back when the peer connection has decoded its first video frame, or after three seconds without; after ten
 * as long as the one before plays on.
 * Returns a function that calls it off.
 */
export function awaitPicture(
  peer: RTCPeerConnection,
  timers: Timers,
  hasOther: () => boolean,
  callback: () => void,
): () => void {
  const [again, deadline] = [createAlarm(timers), createAlarm(timers)];
  let isOver = false;
  const cancel = () => {
    isOver = true;
    again.clear();
    deadline.clear();
  };
  const done = () => {
    cancel();
    callback();
  };
  async function look() {
    const hasCome = await hasPicture(peer).catch(() => false);
    if (isOver) return;
    if (hasCome) done();
    else again.set(lookAgainMs, look);
  }
  const late = () => (hasOther() ? deadline.set(longestPatienceMs - longestWaitMs, done) : done());
  deadline.set(longestWaitMs, late);
  void look();
  return cancel;
}

/** Implementations outside of browsers count packets and not frames. */
async function hasPicture(peer: RTCPeerConnection): Promise<boolean> {
  const report = await peer.getStats();
  for (const stat of report.values() as Iterable<RTCInboundRtpStreamStats>) {
    if (stat.type !== 'inbound-rtp' || stat.kind !== 'video') continue;
    if ((stat.framesDecoded ?? stat.packetsReceived ?? 0) > 0) return true;
  }
  return false;
}
