import type { RtcStat } from './participation.js';

/** Counters since the connection began, summed over what is sent or received. */
export interface MediaSample {
  atMs: number;
  bytes: number;
  framesCoded: number;
  audioPackets: number;
  packetsLost: number;
  width: number;
  height: number;
}

/** `undefined` while nothing was sent or received. Senders learn their losses from the other side's reports. */
export function sampleOf(stats: Iterable<RtcStat>, atMs: number): MediaSample | undefined {
  const sample: MediaSample = {
    atMs,
    bytes: 0,
    framesCoded: 0,
    audioPackets: 0,
    packetsLost: 0,
    width: 0,
    height: 0,
  };
  let hasMedia = false;
  for (const stat of stats) {
    if (stat.type === 'outbound-rtp' || stat.type === 'inbound-rtp') {
      hasMedia = true;
      sample.bytes += count(stat.bytesSent) + count(stat.bytesReceived);
      if (stat.kind === 'audio') sample.audioPackets += count(stat.packetsSent) + count(stat.packetsReceived);
      sample.framesCoded += count(stat.framesEncoded) + count(stat.framesDecoded);
      sample.width = Math.max(sample.width, count(stat.frameWidth));
      sample.height = Math.max(sample.height, count(stat.frameHeight));
    }
    if (stat.type === 'inbound-rtp' || stat.type === 'remote-inbound-rtp') {
      sample.packetsLost += count(stat.packetsLost);
    }
  }
  return hasMedia ? sample : undefined;
}

/** `1280×720 · 30 fps · 1.2 Mbit/s · 0 packets lost`; rates need an earlier sample. */
export function statsLine(now: MediaSample, before: MediaSample | undefined): string {
  const parts: string[] = [];
  if (now.width > 0) parts.push(`${now.width}×${now.height}`);
  const seconds = before ? (now.atMs - before.atMs) / 1000 : 0;
  if (before && seconds > 0) {
    parts.push(`${Math.max(0, Math.round((now.framesCoded - before.framesCoded) / seconds))} fps`);
    parts.push(bitrate(Math.max(0, ((now.bytes - before.bytes) * 8) / seconds)));
  }
  parts.push(`${now.packetsLost} ${now.packetsLost === 1 ? 'packet' : 'packets'} lost`);
  return parts.join(' · ');
}

function bitrate(bitsPerSecond: number): string {
  return bitsPerSecond < 1e6
    ? `${Math.round(bitsPerSecond / 1e3)} kbit/s`
    : `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`;
}

/** A browser that does not know a counter leaves it out; a lost-count below zero (duplicates) counts as none. */
const count = (value: unknown): number => (typeof value === 'number' ? Math.max(0, value) : 0);
