import { type MediaDescription, parse, type SessionDescription } from 'sdp-transform';
import { type Codec, h264FromFmtp } from './codec.js';
import { SdpError } from './media-errors.js';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export interface RemoteCodec {
  payloadType: number;
  codec: Codec;
  /** As the peer wrote it. */
  rtpmap: string;
  fmtp: string | undefined;
  /** Such as `nack pli`; those for all payload types (`*`) included. */
  feedback: string[];
}

export interface RemoteSection {
  index: number;
  /** Undefined when the peer does not use mids. */
  mid: string | undefined;
  kind: string;
  protocol: string;
  formats: string;
  direction: Direction;
  /** Usable on the one transport we have: not rejected, multiplexed, in the bundle. */
  isUsable: boolean;
  codecs: RemoteCodec[];
}

export interface RemoteTransport {
  iceUfrag: string;
  icePwd: string;
  fingerprint: string;
  setup: 'actpass' | 'active' | 'passive';
  isIceLite: boolean;
}

export interface RemoteDescription {
  isBundled: boolean;
  sections: RemoteSection[];
  /** Undefined when no section is usable. */
  transport: RemoteTransport | undefined;
  candidates: string[];
}

/** Reads an offer or an answer. Throws SdpError for what is not a session description of a WebRTC peer. */
export function parseRemoteDescription(sdp: string): RemoteDescription {
  if (!/^v=0\s/.test(sdp)) throw new SdpError('not a session description: it does not begin with v=0');
  const session = parseLeniently(sdp);
  if (session.media.length === 0) throw new SdpError('the session description has no media section');
  const bundle = session.groups?.find(group => group.type === 'BUNDLE');
  const bundled = bundle ? new Set(String(bundle.mids).split(' ')) : undefined;
  const sections = session.media.map((media, index) => readSection(media, index, session, bundled));
  // The bundle's transport is that of its first section; without a bundle only one section can be served.
  const carrier = sections.find(section => section.isUsable);
  if (!bundled) {
    for (const section of sections) if (section !== carrier) section.isUsable = false;
  }
  const media = carrier && (session.media[carrier.index] as MediaDescription);
  return {
    isBundled: bundled !== undefined,
    sections,
    transport: media && readTransport(session, media),
    candidates: session.media.flatMap((_, index) =>
      sections[index]?.isUsable ? candidateLines(sdp, index) : [],
    ),
  };
}

function parseLeniently(sdp: string): SessionDescription {
  try {
    return parse(sdp);
  } catch (cause) {
    throw new SdpError('the session description cannot be parsed', { cause });
  }
}

function readSection(
  media: MediaDescription,
  index: number,
  session: SessionDescription,
  bundled: Set<string> | undefined,
): RemoteSection {
  // sdp-transform turns numeric mids into numbers, whatever its types say.
  const mid = media.mid === undefined ? undefined : String(media.mid);
  const isMedia = media.type === 'audio' || media.type === 'video';
  const isOffered = media.port !== 0 || media.bundleOnly !== undefined;
  const isInBundle = !bundled || (mid !== undefined && bundled.has(mid));
  return {
    index,
    mid,
    kind: media.type ?? '',
    protocol: media.protocol ?? 'UDP/TLS/RTP/SAVPF',
    formats: String(media.payloads ?? '0'),
    direction: media.direction ?? session.direction ?? 'sendrecv',
    isUsable: isMedia && isOffered && isInBundle && media.rtcpMux !== undefined && isSecure(media.protocol),
    codecs: isMedia ? readCodecs(media) : [],
  };
}

function isSecure(protocol: string | undefined): boolean {
  return protocol !== undefined && /^(UDP\/TLS\/)?RTP\/SAVPF?$/.test(protocol);
}

function readCodecs(media: MediaDescription): RemoteCodec[] {
  const order = String(media.payloads ?? '')
    .split(' ')
    .map(Number);
  return order.flatMap(payloadType => {
    const rtp = media.rtp.find(entry => entry.payload === payloadType);
    const fmtp = media.fmtp.find(entry => entry.payload === payloadType)?.config;
    const codec = rtp && recognise(rtp.codec, rtp.rate, fmtp);
    if (!rtp || !codec || !(payloadType >= 0 && payloadType <= 127)) return [];
    const feedback = (media.rtcpFb ?? [])
      .filter(entry => entry.payload === payloadType || entry.payload === '*')
      .map(entry => (entry.subtype ? `${entry.type} ${entry.subtype}` : entry.type));
    const channels = rtp.encoding ? `/${rtp.encoding}` : '';
    return [{ payloadType, codec, rtpmap: `${rtp.codec}/${rtp.rate}${channels}`, fmtp, feedback }];
  });
}

function recognise(name: string, clockRate: number | undefined, fmtp: string | undefined): Codec | undefined {
  switch (`${name.toUpperCase()}/${clockRate}`) {
    case 'VP8/90000':
      return { name: 'VP8' };
    case 'H264/90000':
      return h264FromFmtp(fmtp);
    case 'OPUS/48000':
      return { name: 'opus' };
    default:
      return undefined;
  }
}

const hashBytes: Record<string, number> = {
  'sha-1': 20,
  'sha-224': 28,
  'sha-256': 32,
  'sha-384': 48,
  'sha-512': 64,
};

function readTransport(session: SessionDescription, media: MediaDescription): RemoteTransport {
  const iceUfrag = media.iceUfrag ?? session.iceUfrag;
  const icePwd = media.icePwd ?? session.icePwd;
  const fingerprint = media.fingerprint ?? session.fingerprint;
  // RFC 8839 5.4 and 8.1: what a peer may choose from, and how long.
  if (!iceUfrag || !/^[A-Za-z0-9+/]{4,256}$/.test(String(iceUfrag))) throw new SdpError('no valid ice-ufrag');
  if (!icePwd || !/^[A-Za-z0-9+/]{22,256}$/.test(String(icePwd))) throw new SdpError('no valid ice-pwd');
  const hashType = fingerprint?.type.toLowerCase() ?? '';
  const isHash = /^[0-9a-f]{2}(:[0-9a-f]{2})+$/i.test(fingerprint?.hash ?? '');
  if (!fingerprint || !isHash || hashBytes[hashType] !== (fingerprint.hash.length + 1) / 3) {
    throw new SdpError('no valid fingerprint');
  }
  const setup = media.setup ?? session.setup ?? 'actpass';
  return {
    iceUfrag: String(iceUfrag),
    icePwd: String(icePwd),
    fingerprint: `${hashType} ${fingerprint.hash.toUpperCase()}`,
    setup: setup === 'active' || setup === 'passive' ? setup : 'actpass',
    isIceLite: session.icelite !== undefined,
  };
}

/** The lines themselves: sdp-transform would lose what it does not know of them. */
function candidateLines(sdp: string, index: number): string[] {
  const section = sdp.split(/^m=/m)[index + 1] ?? '';
  return section.match(/^a=candidate:.*$/gm)?.map(line => line.slice(2).trim()) ?? [];
}
