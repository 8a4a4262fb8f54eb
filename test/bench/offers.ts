const transport = [
  'a=ice-ufrag:5Fe9',
  'a=ice-pwd:Rmpr6FWq7Q5k1TtKhWDBOxus',
  'a=ice-options:trickle',
  'a=fingerprint:sha-256 5F:5C:F0:4E:DA:57:BE:4B:11:EB:B5:B9:A4:EF:D6:06:A5:F3:1A:28:9C:63:19:A5:B6:06:5B:F4:99:7C:D1:02',
  'a=setup:actpass',
];
const extensions = [
  'a=extmap:1 urn:ietf:params:rtp-hdrext:toffset',
  'a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
];
const feedback = ['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'];
const h264 = ['42001f', '42e01f', '4d001f', '64001f'];

/** As long, and of as many codecs, as a browser's: about 4 kB. */
function offer(direction: 'sendonly' | 'recvonly'): string {
  const video = [
    ...codec(96, 'VP8/90000'),
    ...h264.flatMap((profile, index) =>
      codec(
        100 + 2 * index,
        'H264/90000',
        `level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=${profile}`,
      ),
    ),
    ...codec(98, 'VP9/90000', 'profile-id=0'),
  ];
  const lines = [
    'v=0',
    'o=- 7206972636167637647 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0 1',
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS stream',
    ...section('audio', '0', '111 63', direction, [
      'a=rtpmap:111 opus/48000/2',
      'a=rtcp-fb:111 transport-cc',
      'a=fmtp:111 minptime=10;useinbandfec=1',
      'a=rtpmap:63 red/48000/2',
      'a=fmtp:63 111/111',
    ]),
    ...section('video', '1', '96 97 100 101 102 103 104 105 106 107 98 99', direction, video),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function section(kind: string, mid: string, formats: string, direction: string, lines: string[]): string[] {
  return [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${formats}`,
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    ...transport,
    `a=mid:${mid}`,
    ...extensions,
    `a=${direction}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...lines,
  ];
}

/** With the retransmissions that a browser offers beside each. */
function codec(payloadType: number, rtpmap: string, fmtp?: string): string[] {
  return [
    `a=rtpmap:${payloadType} ${rtpmap}`,
    ...feedback.map(type => `a=rtcp-fb:${payloadType} ${type}`),
    ...(fmtp ? [`a=fmtp:${payloadType} ${fmtp}`] : []),
    `a=rtpmap:${payloadType + 1} rtx/90000`,
    `a=fmtp:${payloadType + 1} apt=${payloadType}`,
  ];
}

/** Whose peer never shows up: for what ends at the answer. */
export const offers = { presenter: offer('sendonly'), viewer: offer('recvonly') };
