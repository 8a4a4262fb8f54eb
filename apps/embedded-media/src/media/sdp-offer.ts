import { type Codec, h264FromFmtp, mismatch } from './codec.js';
import type { LocalCodec, LocalSection, LocalSource } from './local-description.js';
import { SdpError } from './media-errors.js';
import { type Media, mediaKinds } from './media-kinds.js';
import type { RemoteDescription } from './remote-description.js';
import { mediaOf, type Negotiated, reverse } from './sdp-answer.js';

const videoFeedback = ['goog-remb', 'ccm fir', 'nack', 'nack pli'];
const h264Fmtp = 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f';

interface OfferedCodec extends LocalCodec {
  codec: Codec;
}

const offeredCodecs: Record<Media, OfferedCodec[]> = {
  AUDIO: [
    {
      payloadType: 111,
      rtpmap: 'opus/48000/2',
      fmtp: 'minptime=10;useinbandfec=1',
      feedback: [],
      codec: { name: 'opus' },
    },
  ],
  VIDEO: [
    {
      payloadType: 96,
      rtpmap: 'VP8/90000',
      fmtp: undefined,
      feedback: videoFeedback,
      codec: { name: 'VP8' },
    },
    {
      payloadType: 97,
      rtpmap: 'H264/90000',
      fmtp: h264Fmtp,
      feedback: videoFeedback,
      codec: h264FromFmtp(h264Fmtp),
    },
  ],
};

/** Audio and video, both ways, with every codec we can forward. */
export function offerSections(sources: Record<Media, LocalSource>): LocalSection[] {
  return mediaKinds.map(media => ({
    status: 'accepted',
    kind: media.toLowerCase(),
    mid: `${media.toLowerCase()}0`,
    protocol: 'UDP/TLS/RTP/SAVPF',
    direction: 'sendrecv',
    codecs: offeredCodecs[media],
    source: sources[media],
  }));
}

/** What the answer to our offer means for each medium. */
export function readAnswer(answer: RemoteDescription): Negotiated {
  if (answer.sections.length !== 2) throw new SdpError('the answer has other media sections than the offer');
  const negotiated: Negotiated = {};
  for (const [index, media] of mediaKinds.entries()) {
    const section = answer.sections[index];
    if (!section || mediaOf(section) !== media) {
      throw new SdpError('the answer has its media sections in another order than the offer');
    }
    const codecs = section.codecs.filter(({ codec }) =>
      offeredCodecs[media].some(offered => mismatch(codec, offered.codec) !== undefined),
    );
    if (section.isUsable && codecs.length > 0) {
      negotiated[media] = { section, direction: reverse(section.direction), codecs };
    }
  }
  return negotiated;
}
