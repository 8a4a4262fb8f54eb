import { beforeEach, describe, expect, it } from 'vitest';
import { type Codec, h264FromFmtp } from './codec.js';
import { InboundMedia } from './inbound-media.js';
import { ntpFromUnixMs } from './ntp-time.js';
import { OutboundMedia } from './outbound-media.js';
import { PublisherClock } from './publisher-clock.js';
import type { RemoteCodec } from './remote-description.js';
import { parseRtcp } from './rtcp-parse.js';
import { parseRtp, payloadTypeOf } from './rtp-packet.js';
import { h264Payload, rtp, vp8Payload } from './testing/rtp-sample.js';

const vp8: Codec = { name: 'VP8' };
const h264 = h264FromFmtp('packetization-mode=1;profile-level-id=42e01f');
const accepts = (payloadType: number, codec: Codec): RemoteCodec => ({
  payloadType,
  codec,
  rtpmap: '',
  fmtp: undefined,
  feedback: [],
});

function publisher() {
  const asked: number[] = [];
  const inbound = new InboundMedia('VIDEO', new PublisherClock(), {
    onFlow: () => {},
    sendKeyframeRequest: (_, ssrc) => asked.push(ssrc),
    sendNack: () => {},
  });
  const send = (sequenceNumber: number, kind: 'key' | 'inter', nowMs: number, ssrc = 7) =>
    inbound.receive(
      rtp({
        payloadType: 1,
        sequenceNumber,
        timestamp: sequenceNumber * 3000,
        ssrc,
        payload: vp8Payload(kind),
      }),
      vp8,
      nowMs,
    );
  return { inbound, send, asked };
}

function viewer() {
  const host = { isOpen: true, isFull: false, sent: [] as Buffer[] };
  const outbound = new OutboundMedia('VIDEO', 99, {
    get isOpen() {
      return host.isOpen;
    },
    send: packet => {
      if (!host.isFull) host.sent.push(Buffer.from(packet));
      return !host.isFull;
    },
    onFlow: () => {},
  });
  outbound.setCodecs([accepts(120, vp8), accepts(125, h264)]);
  const packets = () =>
    host.sent.map(buffer => {
      const packet = parseRtp(buffer, vp8);
      if (!packet) throw new Error('sent something else');
      return packet;
    });
  return { host, outbound, packets };
}

describe('OutboundMedia', () => {
  let source: ReturnType<typeof publisher>;
  let sink: ReturnType<typeof viewer>;
  beforeEach(() => {
    source = publisher();
    sink = viewer();
  });

  it('starts with a keyframe and asks for one until it comes', () => {
    source.send(1, 'inter', 0);
    sink.outbound.connect(source.inbound, 1000);
    expect(source.asked).toEqual([7]);
    source.send(2, 'inter', 1010);
    sink.outbound.onTick(1500);
    expect(source.asked).toHaveLength(1);
    sink.outbound.onTick(2000);
    expect(source.asked).toHaveLength(2);
    expect(sink.host.sent).toHaveLength(0);
    source.send(3, 'key', 2100);
    source.send(4, 'inter', 2110);
    expect(sink.packets().map(packet => packet.isKeyframeStart)).toEqual([true, false]);
    sink.outbound.onTick(9000);
    expect(source.asked).toHaveLength(2);
    expect(sink.outbound.stats()).toMatchObject({ packets: 2, dropped: 1 });
  });

  it('is not black for ever where no keyframe is ever seen', () => {
    sink.outbound.connect(source.inbound, 0);
    for (let i = 0; i < 300; i++) source.send(i, 'inter', i * 33);
    expect(sink.host.sent.length).toBeGreaterThan(10);
  });

  it('has a stream of its own: SSRC, payload type by codec, unbroken numbers', () => {
    sink.outbound.connect(source.inbound, 0);
    for (let i = 0; i < 5; i++) source.send((0xfffe + i) & 0xffff, i === 0 ? 'key' : 'inter', i * 33);
    const packets = sink.packets();
    expect(new Set(packets.map(packet => packet.ssrc))).toEqual(new Set([99]));
    expect(new Set(sink.host.sent.map(payloadTypeOf))).toEqual(new Set([120]));
    const first = packets[0]?.sequenceNumber ?? 0;
    expect(packets.map(packet => (packet.sequenceNumber - first) & 0xffff)).toEqual([0, 1, 2, 3, 4]);
    source.inbound.receive(
      rtp({ payloadType: 2, sequenceNumber: 3, timestamp: 0, ssrc: 7, payload: h264Payload('inter') }),
      h264,
      200,
    );
    expect(payloadTypeOf(sink.host.sent.at(-1) ?? Buffer.alloc(2))).toBe(125);
  });

  it('goes on without a break when its source is replaced or restarts', () => {
    sink.outbound.connect(source.inbound, 0);
    source.send(100, 'key', 1000);
    source.send(101, 'inter', 1033);
    const other = publisher();
    sink.outbound.connect(other.inbound, 1100);
    other.send(40_000, 'inter', 1500);
    other.send(40_001, 'key', 2033);
    other.send(7, 'key', 3033, 8);
    const packets = sink.packets();
    const first = packets[0];
    expect(packets.map(packet => (packet.sequenceNumber - (first?.sequenceNumber ?? 0)) & 0xffff)).toEqual([
      0, 1, 2, 3,
    ]);
    const steps = packets.map(packet => (packet.timestamp - (first?.timestamp ?? 0)) >>> 0);
    expect(steps).toEqual([0, 3000, 3000 + 90_000, 3000 + 180_000]);
    source.send(102, 'inter', 4000);
    expect(sink.host.sent).toHaveLength(4);
  });

  it('lets stragglers from before its first packet go', () => {
    sink.outbound.connect(source.inbound, 0);
    source.send(11, 'key', 0);
    source.send(10, 'inter', 1);
    source.send(13, 'inter', 2);
    source.send(12, 'inter', 3);
    const numbers = sink.packets().map(packet => packet.sequenceNumber);
    expect(numbers.map(number => number - (numbers[0] ?? 0))).toEqual([0, 2, 1]);
  });

  it('repeats what was missed, unchanged, and only what is recent and was its own', () => {
    source.send(9, 'inter', 0);
    sink.outbound.connect(source.inbound, 0);
    for (let i = 10; i < 20; i++) source.send(i, i === 10 ? 'key' : 'inter', i);
    const [first, second] = sink.packets();
    if (!first || !second) throw new Error('nothing was sent');
    sink.host.sent.length = 0;
    sink.outbound.retransmit([second.sequenceNumber, (first.sequenceNumber - 1) & 0xffff], 500);
    expect(sink.packets()).toMatchObject([
      { sequenceNumber: second.sequenceNumber, timestamp: second.timestamp },
    ]);
    sink.outbound.retransmit([second.sequenceNumber], 5000);
    expect(sink.host.sent).toHaveLength(1);
    expect(sink.outbound.stats()).toMatchObject({ nacks: 2, retransmitted: 1 });
  });

  it('drops rather than queues', () => {
    sink.outbound.connect(source.inbound, 0);
    source.send(1, 'key', 0);
    sink.host.isFull = true;
    source.send(2, 'inter', 1);
    expect(sink.outbound.stats()).toMatchObject({ packets: 1, dropped: 1 });
    sink.host.isFull = false;
    source.send(3, 'inter', 2);
    const numbers = sink.packets().map(packet => packet.sequenceNumber);
    expect(numbers.map(number => (number - (numbers[0] ?? 0)) & 0xffff)).toEqual([0, 2]);
  });

  it('tells the viewer the publisher’s time in its own numbers', () => {
    const nowMs = 1_800_000_000_000;
    sink.outbound.connect(source.inbound, nowMs);
    source.send(1, 'key', nowMs);
    expect(sink.outbound.senderReport(nowMs)).toBeUndefined();
    source.inbound.onSenderReport(7, ntpFromUnixMs(nowMs), 3000, nowMs);
    const [report] = parseRtcp(sink.outbound.senderReport(nowMs + 1000) ?? Buffer.alloc(0));
    if (report?.type !== 'sender-report') throw new Error('no report');
    const first = sink.packets()[0];
    expect((report.rtpTimestamp - (first?.timestamp ?? 0)) >>> 0).toBeCloseTo(90_000, -1);
    expect(report).toMatchObject({ ssrc: 99, packets: 1 });
  });

  it('sends nothing in a codec the viewer did not offer', () => {
    sink.outbound.setCodecs([accepts(125, h264)]);
    sink.outbound.connect(source.inbound, 0);
    source.send(1, 'key', 0);
    expect(sink.host.sent).toHaveLength(0);
    expect(sink.outbound.stats()).toMatchObject({ dropped: 1 });
    const asked = source.asked.length;
    sink.outbound.onTick(60_000);
    expect(source.asked).toHaveLength(asked);
  });
});
