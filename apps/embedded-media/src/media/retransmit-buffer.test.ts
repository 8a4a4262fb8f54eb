import { expect, it } from 'vitest';
import { RetransmitBuffer } from './retransmit-buffer.js';
import { parseRtp, type RtpPacket } from './rtp-packet.js';
import { opusPayload, rtp } from './testing/rtp-sample.js';

function packet(sequenceNumber: number): RtpPacket {
  const parsed = parseRtp(
    rtp({ payloadType: 1, sequenceNumber, timestamp: 0, ssrc: 1, payload: opusPayload }),
    {
      name: 'opus',
    },
  );
  if (!parsed) throw new Error('not parsed');
  return parsed;
}

it('keeps the last packets, and no longer than they are of use', () => {
  const buffer = new RetransmitBuffer(4, 1000);
  for (let i = 0; i < 6; i++) buffer.add(packet((0xfffd + i) & 0xffff), i * 100);
  expect(buffer.get(0xfffe, 500)).toBeUndefined();
  expect(buffer.get(0xffff, 500)?.sequenceNumber).toBe(0xffff);
  expect(buffer.get(0x1_0002 & 0xffff, 500)).toBeDefined();
  expect(buffer.get(0xffff, 1300)).toBeUndefined();
  buffer.clear();
  expect(buffer.get(2, 500)).toBeUndefined();
});
