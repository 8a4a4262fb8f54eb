import { afterAll, expect, test } from 'vitest';
import { stopWebRtc, WebRtcPeer } from './webrtc-peer.js';

afterAll(stopWebRtc);

test('two peers send each other media without any server', async () => {
  const sender = new WebRtcPeer('send');
  const receiver = new WebRtcPeer('receive');
  try {
    const answer = await receiver.answer(await sender.offer());
    sender.acceptAnswer(answer);
    sender.onCandidate = candidate => receiver.addCandidate(candidate);
    receiver.onCandidate = candidate => sender.addCandidate(candidate);
    for (const candidate of [...sender.candidates]) receiver.addCandidate(candidate);
    for (const candidate of [...receiver.candidates]) sender.addCandidate(candidate);
    await Promise.all([sender.untilConnected(), receiver.untilConnected()]);
    sender.startSending();
    await receiver.untilReceived(10);
    expect(sender.received).toEqual({ audio: 0, video: 0 });
    expect(sender.candidates[0]).toMatchObject({
      candidate: expect.stringMatching(/^candidate:/),
      sdpMid: 'audio',
    });
  } finally {
    sender.close();
    receiver.close();
  }
});
