import { parse } from 'sdp-transform';
import { describe, expect, it } from 'vitest';
import { type LocalSource, writeLocalDescription } from './local-description.js';
import { SdpError } from './media-errors.js';
import { parseRemoteDescription } from './remote-description.js';
import { answerSections } from './sdp-answer.js';
import { browserOffer, type OfferedSection } from './testing/browser-offer.js';

const source = (ssrc: number): LocalSource => ({ ssrc, cname: 'c', streamId: 's', trackId: `t${ssrc}` });
const sources = { AUDIO: source(11), VIDEO: source(22) };
const transport = {
  iceUfrag: 'ufrag',
  icePwd: 'pwdpwdpwdpwdpwdpwdpwdpwd',
  fingerprint: 'sha-256 AA',
  setup: 'active' as const,
};

function answer(sections: OfferedSection[], options?: { isBundled?: boolean }) {
  const offer = parseRemoteDescription(browserOffer(sections, options));
  const answered = answerSections(offer, sources);
  const sdp = writeLocalDescription({
    sessionId: '1',
    isBundled: offer.isBundled,
    transport,
    sections: answered.sections,
  });
  return { sdp, parsed: parse(sdp), negotiated: answered.negotiated };
}

const presenter: OfferedSection[] = [
  { kind: 'audio', mid: '0', direction: 'sendonly' },
  { kind: 'video', mid: '1', direction: 'sendonly' },
];
const viewer: OfferedSection[] = [
  { kind: 'video', mid: 'v', direction: 'recvonly' },
  { kind: 'audio', mid: 'a', direction: 'recvonly' },
];

describe('the answer to a presenter', () => {
  it('takes exactly one codec of each kind, VP8 though H264 comes first', () => {
    const { parsed } = answer(presenter);
    expect(parsed.media.map(media => media.rtp.map(rtp => rtp.codec))).toEqual([['opus'], ['VP8']]);
    expect(parsed.media.map(media => media.direction)).toEqual(['recvonly', 'recvonly']);
  });

  it('falls back to the H264 that most viewers can play', () => {
    const { parsed } = answer([
      { kind: 'video', mid: '0', direction: 'sendonly', codecs: ['h264-high', 'h264-single', 'h264'] },
    ]);
    expect(parsed.media[0]?.rtp.map(rtp => rtp.payload)).toEqual([108]);
    expect(parsed.media[0]?.fmtp[0]?.config).toContain('profile-level-id=42e01f');
  });

  it('asks for what holds the bitrate and repairs loss, and not for transport-cc', () => {
    const feedback = answer(presenter).parsed.media[1]?.rtcpFb?.map(({ type, subtype }) =>
      [type, subtype].join(' ').trim(),
    );
    expect(feedback).toEqual(['goog-remb', 'ccm fir', 'nack', 'nack pli']);
    expect(answer(presenter).sdp).not.toMatch(/transport-cc|transport-wide|extmap:|apt=/);
  });

  it('names no source of ours', () => {
    expect(answer(presenter).sdp).not.toMatch(/a=ssrc|a=msid:/);
  });
});

describe('the answer to a viewer', () => {
  it('keeps the order and mids of the sections', () => {
    const { parsed } = answer(viewer);
    expect(parsed.media.map(media => [media.type, media.mid])).toEqual([
      ['video', 'v'],
      ['audio', 'a'],
    ]);
    expect(parsed.groups).toEqual([{ type: 'BUNDLE', mids: 'v a' }]);
  });

  it('accepts every codec a broadcast may have, VP8 first', () => {
    expect(answer(viewer).parsed.media[0]?.payloads).toBe('96 108 102 114');
  });

  it('names the stream and its tracks', () => {
    const { parsed } = answer(viewer);
    expect(parsed.media.map(media => media.direction)).toEqual(['sendonly', 'sendonly']);
    expect(parsed.media[0]?.ssrcs).toContainEqual({ id: 22, attribute: 'msid', value: 's t22' });
    expect(parsed.media[1]?.ssrcs).toContainEqual({ id: 11, attribute: 'cname', value: 'c' });
    expect(parsed.media.map(media => media.msid?.[0]?.id)).toEqual(['s', 's']);
  });
});

describe('sections that cannot be served', () => {
  it('are refused in place: data channels, a second video, what was rejected already', () => {
    const { sdp, parsed, negotiated } = answer([
      { kind: 'application', mid: 'd', direction: 'sendrecv' },
      { kind: 'video', mid: '1', direction: 'recvonly' },
      { kind: 'video', mid: '2', direction: 'recvonly' },
      { kind: 'audio', mid: '3', direction: 'recvonly', port: 0 },
    ]);
    expect(parsed.media.map(media => media.port)).toEqual([0, 9, 0, 0]);
    expect(parsed.media.map(media => media.protocol)[0]).toBe('UDP/DTLS/SCTP');
    expect(sdp).toContain('a=group:BUNDLE 1\r\n');
    expect(Object.keys(negotiated)).toEqual(['VIDEO']);
  });

  it('leave room for an active one behind an inactive one', () => {
    const { parsed } = answer([
      { kind: 'video', mid: '0', direction: 'inactive' },
      { kind: 'video', mid: '1', direction: 'recvonly' },
    ]);
    expect(parsed.media.map(media => media.port)).toEqual([0, 9]);
  });

  it('are all but the first where there is no bundle', () => {
    const { parsed } = answer(viewer, { isBundled: false });
    expect(parsed.media.map(media => media.port)).toEqual([9, 0]);
    expect(parsed.groups).toBeUndefined();
  });

  it('are refused for want of a common codec', () => {
    const { parsed } = answer([
      { kind: 'audio', mid: '0', direction: 'recvonly' },
      { kind: 'video', mid: '1', direction: 'recvonly', codecs: ['vp9'] },
    ]);
    expect(parsed.media.map(media => media.port)).toEqual([9, 0]);
  });
});

it('reciprocates every direction', () => {
  const directions = (['sendrecv', 'inactive', 'sendonly', 'recvonly'] as const).map(direction => {
    return answer([{ kind: 'audio', mid: '0', direction }]).parsed.media[0]?.direction;
  });
  expect(directions).toEqual(['sendrecv', 'inactive', 'recvonly', 'sendonly']);
});

describe('what is no offer', () => {
  const good = browserOffer(presenter);
  it.each([
    ['nothing', ''],
    ['noise', 'hello'],
    ['JSON', '{"type":"offer"}'],
    ['no media', 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n'],
    ['no ICE user', good.replaceAll(/a=ice-ufrag.*\r\n/g, '')],
    ['a short ICE password', good.replaceAll(/a=ice-pwd:.*/g, 'a=ice-pwd:short')],
    ['no fingerprint', good.replaceAll(/a=fingerprint.*\r\n/g, '')],
    ['half a fingerprint', good.replaceAll(/(a=fingerprint:sha-256 ..:..).*/g, '$1')],
    ['an unknown hash', good.replaceAll('sha-256', 'md5')],
  ])('is refused: %s', (_, sdp) => {
    expect(() => parseRemoteDescription(sdp)).toThrow(SdpError);
  });
});
