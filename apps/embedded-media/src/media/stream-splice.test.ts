import { expect, it } from 'vitest';
import { parseRtp, type RtpPacket } from './rtp-packet.js';
import { StreamSplice } from './stream-splice.js';
import { opusPayload, rtp } from './testing/rtp-sample.js';

function packet(sequenceNumber: number, timestamp: number): RtpPacket {
  const parsed = parseRtp(rtp({ payloadType: 1, sequenceNumber, timestamp, ssrc: 1, payload: opusPayload }), {
    name: 'opus',
  });
  if (!parsed) throw new Error('not parsed');
  return parsed;
}

it('goes on by one packet and by the time that passed, whatever the sources count', () => {
  const splice = new StreamSplice(48_000, () => 0.5);
  const send = (sequence: number, timestamp: number, nowMs: number) => {
    const next = packet(sequence, timestamp);
    splice.onSent(next, nowMs);
    return [splice.sequence(sequence), splice.timestamp(timestamp)];
  };
  splice.begin(packet(0xffff, 0xffff_ff00), 0);
  const [sequence = 0, timestamp = 0] = send(0xffff, 0xffff_ff00, 0);
  expect(send(0, 0x0000_02c0, 20)).toEqual([sequence + 1, timestamp + 960]);
  splice.begin(packet(5, 77), 1020);
  expect(send(5, 77, 1020)).toEqual([sequence + 2, timestamp + 960 + 48_000]);
  expect(splice.sourceSequence(sequence + 2)).toBe(5);
  expect([splice.isStraggler(4), splice.isStraggler(5)]).toEqual([true, false]);
});
