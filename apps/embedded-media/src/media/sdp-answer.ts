import { h264Profile } from './codec.js';
import type { LocalSection, LocalSource } from './local-description.js';
import { type Media, mediaKinds } from './media-kinds.js';
import type { Direction, RemoteCodec, RemoteDescription, RemoteSection } from './remote-description.js';

/**
 * What may be asked of the sender of a codec. No transport-cc: a sender that is given it ignores REMB,
 * and REMB alone holds Chrome's bitrate. No header extensions and no RTX, so that packets can be
 * forwarded with nothing but their fixed header rewritten.
 */
const videoFeedback: readonly string[] = ['goog-remb', 'ccm fir', 'nack', 'nack pli'];

/** Chrome begins with 300 kbit/s and grows slowly without transport-cc; others ignore the hint. */
const START_KBPS = 1000;

/** What was agreed for one medium, seen from here. */
interface NegotiatedMedia {
  section: RemoteSection;
  direction: Direction;
  /** In the order of preference; the peer's payload types. */
  codecs: readonly RemoteCodec[];
}

export type Negotiated = Partial<Record<Media, NegotiatedMedia>>;

/** Every section of the offer, in order, with our answer to it; and what that means for each medium. */
export function answerSections(
  offer: RemoteDescription,
  sources: Record<Media, LocalSource>,
): { sections: LocalSection[]; negotiated: Negotiated } {
  const negotiated: Negotiated = {};
  for (const media of mediaKinds) {
    const chosen = chooseSection(offer, media);
    if (chosen) negotiated[media] = chosen;
  }
  const sections = offer.sections.map((section): LocalSection => {
    const { kind, mid, protocol, formats } = section;
    const media = mediaOf(section);
    const agreed = media && negotiated[media];
    if (!media || agreed?.section !== section) return { status: 'rejected', kind, mid, protocol, formats };
    return {
      status: 'accepted',
      kind,
      mid,
      protocol,
      direction: agreed.direction,
      codecs: agreed.codecs.map(codec => answerCodec(codec, agreed.direction)),
      source: sends(agreed.direction) ? sources[media] : undefined,
    };
  });
  return { sections, negotiated };
}

export function mediaOf(section: RemoteSection): Media | undefined {
  if (section.kind === 'audio') return 'AUDIO';
  return section.kind === 'video' ? 'VIDEO' : undefined;
}

export function sends(direction: Direction): boolean {
  return direction === 'sendonly' || direction === 'sendrecv';
}

export function receives(direction: Direction): boolean {
  return direction === 'recvonly' || direction === 'sendrecv';
}

export function reverse(direction: Direction): Direction {
  if (direction === 'sendonly') return 'recvonly';
  return direction === 'recvonly' ? 'sendonly' : direction;
}

/** One section per medium can be served; an active one if there is one. */
function chooseSection(offer: RemoteDescription, media: Media): NegotiatedMedia | undefined {
  const usable = offer.sections.filter(
    section => section.isUsable && mediaOf(section) === media && section.codecs.length > 0,
  );
  const section = usable.find(candidate => candidate.direction !== 'inactive') ?? usable[0];
  if (!section) return undefined;
  const direction = reverse(section.direction);
  return { section, direction, codecs: chooseCodecs(section.codecs, direction) };
}

/** See codec.ts for why a sender is given one codec and a receiver all of them. */
function chooseCodecs(offered: readonly RemoteCodec[], direction: Direction): RemoteCodec[] {
  const byPreference = [...offered].sort((a, b) => preference(a) - preference(b));
  return sends(direction) ? byPreference : byPreference.slice(0, 1);
}

/** Array sorts are stable, so within one rank the peer's order stays. */
function preference({ codec }: RemoteCodec): number {
  if (codec.name !== 'H264') return 0;
  const isWidelyPlayable = h264Profile(codec.profileLevelId) === 'constrained-baseline';
  return 1 + (codec.packetizationMode === 1 ? 0 : 2) + (isWidelyPlayable ? 0 : 1);
}

function answerCodec(offered: RemoteCodec, direction: Direction) {
  const { payloadType, rtpmap, codec } = offered;
  if (codec.name === 'opus') return { payloadType, rtpmap, fmtp: offered.fmtp, feedback: [] };
  const startHint = receives(direction) ? `x-google-start-bitrate=${START_KBPS}` : undefined;
  return {
    payloadType,
    rtpmap,
    fmtp: [offered.fmtp, startHint].filter(Boolean).join(';') || undefined,
    feedback: videoFeedback.filter(feedback => offered.feedback.includes(feedback)),
  };
}
