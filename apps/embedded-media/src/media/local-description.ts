import type { Direction } from './remote-description.js';

/** The ICE and DTLS parameters of our end, the same in every section. */
export interface LocalTransport {
  iceUfrag: string;
  icePwd: string;
  fingerprint: string;
  setup: 'actpass' | 'active' | 'passive';
}

export interface LocalCodec {
  payloadType: number;
  rtpmap: string;
  fmtp: string | undefined;
  feedback: readonly string[];
}

/** What we send in a section, so that the peer gets a track in a stream for it. */
export interface LocalSource {
  ssrc: number;
  cname: string;
  streamId: string;
  trackId: string;
}

export type LocalSection =
  | {
      status: 'accepted';
      kind: string;
      mid: string | undefined;
      protocol: string;
      direction: Direction;
      codecs: readonly LocalCodec[];
      source: LocalSource | undefined;
    }
  | { status: 'rejected'; kind: string; mid: string | undefined; protocol: string; formats: string };

export interface LocalDescription {
  sessionId: string;
  isBundled: boolean;
  transport: LocalTransport | undefined;
  sections: readonly LocalSection[];
}

/** Writes an offer or an answer. Without candidates: they trickle. */
export function writeLocalDescription(description: LocalDescription): string {
  const accepted = description.sections.filter(section => section.status === 'accepted');
  const mids = accepted.map(section => section.mid).filter(mid => mid !== undefined);
  const streamIds = new Set(accepted.flatMap(section => section.source?.streamId ?? []));
  const lines = [
    'v=0',
    `o=- ${description.sessionId} 1 IN IP4 0.0.0.0`,
    's=-',
    't=0 0',
    ...(description.isBundled && mids.length > 0 ? [`a=group:BUNDLE ${mids.join(' ')}`] : []),
    `a=msid-semantic: WMS${[...streamIds].map(id => ` ${id}`).join('')}`,
    ...description.sections.flatMap(section => sectionLines(section, description.transport)),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function sectionLines(section: LocalSection, transport: LocalTransport | undefined): string[] {
  const mid = section.mid === undefined ? [] : [`a=mid:${section.mid}`];
  if (section.status === 'rejected' || !transport) {
    const formats = section.status === 'rejected' ? section.formats : '0';
    return [`m=${section.kind} 0 ${section.protocol} ${formats}`, 'c=IN IP4 0.0.0.0', 'a=inactive', ...mid];
  }
  const payloadTypes = section.codecs.map(codec => codec.payloadType).join(' ');
  return [
    `m=${section.kind} 9 ${section.protocol} ${payloadTypes}`,
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    `a=ice-ufrag:${transport.iceUfrag}`,
    `a=ice-pwd:${transport.icePwd}`,
    'a=ice-options:trickle',
    `a=fingerprint:${transport.fingerprint}`,
    `a=setup:${transport.setup}`,
    ...mid,
    `a=${section.direction}`,
    ...sourceLines(section.source),
    'a=rtcp-mux',
    ...section.codecs.flatMap(codecLines),
  ];
}

function codecLines(codec: LocalCodec): string[] {
  return [
    `a=rtpmap:${codec.payloadType} ${codec.rtpmap}`,
    ...codec.feedback.map(feedback => `a=rtcp-fb:${codec.payloadType} ${feedback}`),
    ...(codec.fmtp ? [`a=fmtp:${codec.payloadType} ${codec.fmtp}`] : []),
  ];
}

function sourceLines(source: LocalSource | undefined): string[] {
  if (!source) return [];
  const { ssrc, cname, streamId, trackId } = source;
  return [
    `a=msid:${streamId} ${trackId}`,
    `a=ssrc:${ssrc} cname:${cname}`,
    `a=ssrc:${ssrc} msid:${streamId} ${trackId}`,
  ];
}
