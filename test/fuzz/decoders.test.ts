import { ResumeTokens } from '@manycast/core';
import { decodeClientMessage, SignalError } from '@manycast/protocol';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Codec } from '../../apps/embedded-media/src/media/codec.js';
import { usableCandidate } from '../../apps/embedded-media/src/media/ice-candidate.js';
import { parseRemoteDescription } from '../../apps/embedded-media/src/media/remote-description.js';
import { parseRtcp } from '../../apps/embedded-media/src/media/rtcp-parse.js';
import { parseRtp } from '../../apps/embedded-media/src/media/rtp-packet.js';
import { readFrame } from '../../apps/embedded-media/src/rpc/frame.js';
import { FixedKeys } from '../../apps/signaling/src/join-tokens/fixed-keys.js';
import { JoseJoinTokens } from '../../apps/signaling/src/join-tokens/jose-join-tokens.js';
import { secretKey } from '../../apps/signaling/src/join-tokens/read-keys.js';
import { asOneClient } from '../../apps/signaling/src/limits/client-address.js';
import { readServerMessage } from '../../packages/client/src/server-message.js';

/** Whatever it is given, a decoder gives a value or refuses with an error of ours: what else it throws is a crash. */
function refusalOf(decode: () => unknown): SignalError | undefined {
  try {
    decode();
    return undefined;
  } catch (error) {
    if (error instanceof SignalError && error.code !== 'internal') return error;
    throw error;
  }
}

const ids = [
  'presenter',
  'viewer',
  'onIceCandidate',
  'stop',
  'resume',
  'leave',
  'ping',
  'authorize',
  'chat',
  'chatHistory',
];
/** Messages as they might come: a known name, and fields that are right, wrong, missing or too much. */
const almostMessage = fc.record(
  {
    id: fc.constantFrom(...ids),
    sdpOffer: fc.oneof(fc.string(), fc.string({ minLength: 33_000, maxLength: 33_000 }), fc.jsonValue()),
    room: fc.oneof(fc.constant('room'), fc.string(), fc.jsonValue()),
    token: fc.oneof(fc.string(), fc.jsonValue()),
    candidate: fc.oneof(
      fc.record(
        { candidate: fc.string(), sdpMid: fc.jsonValue(), sdpMLineIndex: fc.jsonValue() },
        { requiredKeys: [] },
      ),
      fc.jsonValue(),
    ),
    resumeToken: fc.oneof(fc.string(), fc.jsonValue()),
    seq: fc.oneof(fc.integer(), fc.double(), fc.jsonValue()),
    text: fc.oneof(fc.string(), fc.jsonValue()),
    clientId: fc.oneof(fc.string(), fc.jsonValue()),
    ['__proto__']: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const anyFrame = fc.oneof(
  fc.string(),
  fc.json(),
  almostMessage.map(message => JSON.stringify(message)),
);
/** IPv4 within IPv6 comes from the kernel as `::ffff:192.0.2.1`; other ways to write it are nobody’s. */
const plainIpV6 = fc.ipV6().filter(text => !text.includes('.'));
const codecs: Codec[] = [
  { name: 'VP8' },
  { name: 'H264', profileLevelId: '42e01f', packetizationMode: 1 },
  { name: 'opus' },
];
vi.setConfig({ testTimeout: 120_000 });
const runs = { numRuns: 1_000 };

describe('every decoder survives what it is given', () => {
  it('a client’s frame: a message, or a refusal that names field and limit', () => {
    fc.assert(
      fc.property(anyFrame, fc.constantFrom('tutorial' as const, 'manycast.v1' as const), (frame, speech) => {
        const refusal = refusalOf(() => decodeClientMessage(frame, speech));
        if (!refusal) return;
        expect(refusal.message.length).toBeGreaterThan(0);
        if (refusal.code === 'too-large') expect(refusal.message).toMatch(/at most \d+/);
        if (refusal.code !== 'invalid-json') expect(refusal.field).toBeTypeOf('string');
      }),
      runs,
    );
  });

  it('a server’s frame, in the SDK: a message or nothing', () => {
    fc.assert(
      fc.property(anyFrame, frame => void readServerMessage(frame)),
      runs,
    );
    fc.assert(
      fc.property(fc.anything(), frame => void readServerMessage(frame)),
      runs,
    );
  });

  it('a resume token: never another session’s', () => {
    const tokens = new ResumeTokens('a secret of this test');
    const good = tokens.sign({ room: 'room' as never, session: 'session' as never, epoch: 1 });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), fc.nat(good.length - 1), (text, at) => {
        for (const token of [text, `${text}.${text}`, good.slice(0, at), `${good.slice(0, at)}${text}`])
          if (token !== good)
            expect(refusalOf(() => tokens.verify(token))).toMatchObject({ code: 'bad-token' });
      }),
      runs,
    );
  });

  it('a join token: refused with a code of its own', async () => {
    const keys = new FixedKeys([secretKey('a secret of this test, of 32 bytes')]);
    const tokens = new JoseJoinTokens({ sources: [keys], issuer: undefined, audience: undefined });
    const part = fc.oneof(
      fc.string(),
      fc.json().map(json => Buffer.from(json).toString('base64url')),
      fc.constant(Buffer.from('{"alg":"HS256"}').toString('base64url')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 4 }), async parts => {
        await expect(tokens.verify(parts.join('.'))).rejects.toMatchObject({
          code: expect.stringMatching(/^token-/),
        });
      }),
      { numRuns: 500 },
    );
  });

  it('an address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()), text => void asOneClient(text)),
      runs,
    );
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), plainIpV6), text => asOneClient(text) !== 'unknown'),
      runs,
    );
  });

  it('a Kurento request', () => {
    fc.assert(
      fc.property(
        anyFrame,
        fc.option(fc.string()),
        (frame, session) => void readFrame(frame, session ?? undefined),
      ),
      runs,
    );
  });

  it('RTP and RTCP', () => {
    const header = fc.uint8Array({ minLength: 0, maxLength: 80 }).map(bytes => Buffer.from(bytes));
    const rtpLike = header.map(bytes => Buffer.concat([Buffer.from([0x80 | (bytes[0] ?? 0), 200]), bytes]));
    for (const codec of codecs)
      fc.assert(
        fc.property(fc.oneof(header, rtpLike), buffer => {
          const packet = parseRtp(buffer, codec);
          if (packet) expect(packet.payloadEnd).toBeLessThanOrEqual(buffer.length);
        }),
        runs,
      );
    fc.assert(
      fc.property(fc.oneof(header, rtpLike), buffer => void parseRtcp(buffer)),
      runs,
    );
  });

  it('SDP and candidates', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'v=0',
        'o=- 1 1 IN IP4 0.0.0.0',
        'm=video 9 UDP/TLS/RTP/SAVPF 96',
        'a=rtpmap:96 VP8/90000',
        'a=mid:0',
        'a=ice-ufrag:x',
        'a=fmtp:',
        'a=rtpmap:',
        'm=',
        'a=setup:actpass',
        'a=extmap:1 x',
        'a=ssrc:1 cname:x',
        'a=group:BUNDLE 0',
      ),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), lines => {
        try {
          parseRemoteDescription(lines.join('\r\n'));
        } catch (error) {
          expect((error as Error).name).not.toMatch(/^(TypeError|RangeError|ReferenceError)$/);
        }
      }),
      runs,
    );
    fc.assert(
      fc.property(fc.string(), text => {
        try {
          usableCandidate(`candidate:${text}`);
        } catch (error) {
          expect((error as Error).name).toBe('CandidateError');
        }
      }),
      runs,
    );
  });
});
