import type { MediaInspector, Session } from '@manycast/core';
import { type MediaServerUrl, SignalError } from '@manycast/protocol';

/** A tutorial page without a node: it cannot attach again, and its media goes on (R-OWN-4). */
export const isWatched = ({ speech, detachedAtMs }: Session): boolean =>
  speech === 'tutorial' && detachedAtMs !== null;

export interface PageWatch {
  inspector: Pick<MediaInspector, 'states'>;
  /** What was on that media server is lost. */
  isLost(server: MediaServerUrl): boolean;
}

/**
 * Whether the page is still there. Its endpoint's connection ends with it where the media server's ICE asks for consent
 * (RFC 7675), and Kurento's does not: there it is what is heard of the page that ends. A page that was never heard, as of
 * a client that sends no RTCP, is not missed for that. `wasHeard`: at an earlier look. Throws SignalError `unavailable`.
 */
export async function lookAtPage(
  { inspector, isLost }: PageWatch,
  { media }: Session,
  wasHeard: boolean,
): Promise<{ isThere: boolean; wasHeard: boolean }> {
  const gone = { isThere: false, wasHeard };
  if (!media || isLost(media.server)) return gone;
  try {
    const states = await inspector.states(media);
    if (states.connection === 'disconnected') return gone;
    const isHeard = states.media === 'connected';
    return { isThere: isHeard || !wasHeard, wasHeard: wasHeard || isHeard };
  } catch (thrown) {
    const error = SignalError.from(thrown);
    if (error.code === 'media-gone') return gone;
    // A media server that cannot be asked is not a client that left.
    if (error.code === 'media-unavailable') return { isThere: true, wasHeard };
    throw error;
  }
}
