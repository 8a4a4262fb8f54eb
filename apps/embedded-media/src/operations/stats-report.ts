import type { JsonObject } from '../json.js';
import type { EndpointStats, MediaInStats, MediaOutStats } from '../media/endpoint-stats.js';
import type { MediaType } from '../objects/media-type.js';
import { register } from '../objects/register.js';

/** An endpoint's figures as Kurento reports them: by id, one entry per stream and one for the endpoint. */
export function statsReport(
  endpointId: string,
  stats: EndpointStats,
  media: readonly MediaType[],
  nowMs: number,
): JsonObject {
  const entries: JsonObject[] = [
    register('EndpointStats', {
      id: endpointId,
      type: 'endpoint',
      timestampMillis: nowMs,
      inputLatency: [],
      E2ELatency: [],
    }),
  ];
  const remb = stats.rembBps ?? 0;
  const roundTripTimeS = (stats.roundTripTimeMs ?? 0) / 1000;
  if (media.includes('AUDIO')) {
    if (stats.audioIn) entries.push(inbound(stats.audioIn, 0, nowMs));
    if (stats.audioOut) entries.push(outbound(stats.audioOut, 0, roundTripTimeS, nowMs));
  }
  if (media.includes('VIDEO')) {
    if (stats.videoIn) entries.push(inbound(stats.videoIn, remb, nowMs));
    if (stats.videoOut) entries.push(outbound(stats.videoOut, 0, roundTripTimeS, nowMs));
  }
  return Object.fromEntries(entries.map(entry => [String(entry.id), entry]));
}

function inbound(stats: MediaInStats & { ssrc: number }, remb: number, nowMs: number): JsonObject {
  return register('RTCInboundRTPStreamStats', {
    ...stream('inboundrtp', stats, remb, nowMs),
    packetsReceived: stats.packets,
    bytesReceived: stats.bytes,
    jitter: stats.jitterMs / 1000,
  });
}

function outbound(
  stats: MediaOutStats & { ssrc: number },
  remb: number,
  roundTripTime: number,
  nowMs: number,
): JsonObject {
  return register('RTCOutboundRTPStreamStats', {
    ...stream('outboundrtp', stats, remb, nowMs),
    packetsSent: stats.packets,
    bytesSent: stats.bytes,
    targetBitrate: 0,
    roundTripTime,
  });
}

interface StreamFigures {
  ssrc: number;
  packetsLost: number;
  fractionLost: number;
  nacks: number;
  plis: number;
  firs: number;
}

function stream(type: string, stats: StreamFigures, remb: number, nowMs: number): JsonObject {
  return {
    id: `${type}-${stats.ssrc}`,
    type,
    timestampMillis: nowMs,
    ssrc: String(stats.ssrc),
    associateStatsId: '',
    isRemote: false,
    mediaTrackId: '',
    transportId: '',
    codecId: '',
    firCount: stats.firs,
    pliCount: stats.plis,
    nackCount: stats.nacks,
    sliCount: 0,
    remb,
    packetsLost: stats.packetsLost,
    // Kurento passes on the eight bits of the RTCP report.
    fractionLost: Math.round(stats.fractionLost * 256),
  };
}
