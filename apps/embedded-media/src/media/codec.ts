/**
 * The codecs that can be forwarded, and how the codec of a broadcast and of its viewers come to match
 * although nothing is transcoded:
 *
 * - A peer that only sends to us (a presenter) is answered with exactly one video codec: VP8 when it
 *   offers it, otherwise H264. Thus every broadcast is VP8 unless its presenter cannot do it.
 * - A peer that receives from us (a viewer, or a peer that does both) is answered with every codec that
 *   both sides know, VP8 first. A viewer is negotiated before it is connected to its source, so the
 *   choice is made per packet: each goes out under the payload type that this viewer gave that codec.
 *
 * So a viewer can be connected to any broadcast, before or after its own negotiation, as long as it
 * offered the codec of the broadcast; if it did not, that medium stays silent and is counted as dropped.
 */
export type Codec =
  | { readonly name: 'VP8' }
  | { readonly name: 'H264'; readonly profileLevelId: string; readonly packetizationMode: number }
  | { readonly name: 'opus' };

export const clockRates = { VP8: 90_000, H264: 90_000, opus: 48_000 } as const;

/** RFC 6184 8.1: what a missing profile-level-id means. */
const DEFAULT_PROFILE_LEVEL_ID = '42000a';

export function h264FromFmtp(fmtp: string | undefined): Codec {
  const parameters = new Map(
    (fmtp ?? '').split(';').map(pair => {
      const [key = '', value = ''] = pair.split('=');
      return [key.trim().toLowerCase(), value.trim()] as const;
    }),
  );
  const profile = parameters.get('profile-level-id')?.toLowerCase() ?? DEFAULT_PROFILE_LEVEL_ID;
  return {
    name: 'H264',
    profileLevelId: /^[0-9a-f]{6}$/.test(profile) ? profile : DEFAULT_PROFILE_LEVEL_ID,
    packetizationMode: Number(parameters.get('packetization-mode') ?? 0),
  };
}

type H264Profile = 'constrained-baseline' | 'baseline' | 'main' | 'constrained-high' | 'high' | 'other';

/** RFC 6184 table 5, reduced to what browsers offer. */
export function h264Profile(profileLevelId: string): H264Profile {
  const idc = profileLevelId.slice(0, 2);
  const constraints = Number.parseInt(profileLevelId.slice(2, 4), 16);
  if (idc === '42') return (constraints & 0x40) !== 0 ? 'constrained-baseline' : 'baseline';
  if (idc === '4d') return (constraints & 0x80) !== 0 ? 'constrained-baseline' : 'main';
  if (idc === '64') return (constraints & 0x0c) === 0x0c ? 'constrained-high' : 'high';
  return 'other';
}

/** For each profile of a stream, the decoders that can play it, nearest first. */
const decodableBy: Record<H264Profile, readonly H264Profile[]> = {
  'constrained-baseline': ['constrained-baseline', 'baseline', 'main', 'constrained-high', 'high'],
  // Baseline's extra tools (FMO, ASO) are written by no encoder in use, so such streams are in truth constrained.
  baseline: ['baseline', 'constrained-baseline', 'main', 'constrained-high', 'high'],
  main: ['main', 'high', 'constrained-high'],
  'constrained-high': ['constrained-high', 'high'],
  high: ['high', 'constrained-high'],
  other: ['other'],
};

/** How well a peer that announced `sink` can receive a stream of `source`: 0 is perfect, undefined not at all. */
export function mismatch(source: Codec, sink: Codec): number | undefined {
  if (source.name !== 'H264' || sink.name !== 'H264') return source.name === sink.name ? 0 : undefined;
  // A receiver that asked for single NAL units cannot be sent fragments; the other way round is fine.
  if (source.packetizationMode > sink.packetizationMode) return undefined;
  const rank = decodableBy[h264Profile(source.profileLevelId)].indexOf(h264Profile(sink.profileLevelId));
  if (rank < 0) return undefined;
  return rank * 2 + (source.packetizationMode === sink.packetizationMode ? 0 : 1);
}
