/** What Chromium 14x offers, shortened to one of each kind of codec and line that matters. */
export interface OfferedSection {
  kind: 'audio' | 'video' | 'application';
  mid: string;
  direction: 'sendonly' | 'recvonly' | 'sendrecv' | 'inactive';
  /** `rejected`: port 0. */
  port?: number;
  codecs?: readonly string[];
}

const TRANSPORT = [
  'a=ice-ufrag:5Fe9',
  'a=ice-pwd:Rmpr6FWq7Q5k1TtKhWDBOxus',
  'a=ice-options:trickle',
  'a=fingerprint:sha-256 5F:5C:F0:4E:DA:57:BE:4B:11:EB:B5:B9:A4:EF:D6:06:A5:F3:1A:28:9C:63:19:A5:B6:06:5B:F4:99:7C:D1:02',
  'a=setup:actpass',
];

const feedback = ['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'];
const withFeedback = (payloadType: number) => feedback.map(type => `a=rtcp-fb:${payloadType} ${type}`);
const h264 = (payloadType: number, mode: number, profile: string) => [
  `a=rtpmap:${payloadType} H264/90000`,
  ...withFeedback(payloadType),
  `a=fmtp:${payloadType} level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profile}`,
];

const codecLines: Record<string, { payloadType: number; lines: string[] }> = {
  opus: {
    payloadType: 111,
    lines: [
      'a=rtpmap:111 opus/48000/2',
      'a=rtcp-fb:111 transport-cc',
      'a=fmtp:111 minptime=10;useinbandfec=1',
    ],
  },
  red: { payloadType: 63, lines: ['a=rtpmap:63 red/48000/2', 'a=fmtp:63 111/111'] },
  pcmu: { payloadType: 0, lines: ['a=rtpmap:0 PCMU/8000'] },
  vp8: { payloadType: 96, lines: ['a=rtpmap:96 VP8/90000', ...withFeedback(96)] },
  rtx: { payloadType: 97, lines: ['a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96'] },
  'h264-high': { payloadType: 102, lines: h264(102, 1, '64001f') },
  'h264-single': { payloadType: 114, lines: h264(114, 0, '42e01f') },
  h264: { payloadType: 108, lines: h264(108, 1, '42e01f') },
  vp9: { payloadType: 98, lines: ['a=rtpmap:98 VP9/90000', ...withFeedback(98), 'a=fmtp:98 profile-id=0'] },
};

const defaultCodecs = {
  audio: ['opus', 'red', 'pcmu'],
  video: ['h264-high', 'vp8', 'rtx', 'h264-single', 'h264', 'vp9'],
  application: [],
};

export function browserOffer(
  sections: readonly OfferedSection[],
  options: { isBundled?: boolean } = {},
): string {
  const lines = ['v=0', 'o=- 7206972636167637647 2 IN IP4 127.0.0.1', 's=-', 't=0 0'];
  if (options.isBundled !== false) {
    const offered = sections.filter(section => section.port !== 0);
    lines.push(`a=group:BUNDLE ${offered.map(section => section.mid).join(' ')}`);
  }
  lines.push('a=extmap-allow-mixed', 'a=msid-semantic: WMS stream', ...sections.flatMap(sectionLines));
  return `${lines.join('\r\n')}\r\n`;
}

function sectionLines(section: OfferedSection): string[] {
  const port = section.port ?? 9;
  if (section.kind === 'application') {
    return [
      `m=application ${port} UDP/DTLS/SCTP webrtc-datachannel`,
      'c=IN IP4 0.0.0.0',
      ...TRANSPORT,
      `a=mid:${section.mid}`,
      'a=sctp-port:5000',
    ];
  }
  const codecs = (section.codecs ?? defaultCodecs[section.kind]).flatMap(name => codecLines[name] ?? []);
  return [
    `m=${section.kind} ${port} UDP/TLS/RTP/SAVPF ${codecs.map(codec => codec.payloadType).join(' ')}`,
    'c=IN IP4 0.0.0.0',
    ...TRANSPORT,
    `a=mid:${section.mid}`,
    'a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
    `a=${section.direction}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...codecs.flatMap(codec => codec.lines),
  ];
}
