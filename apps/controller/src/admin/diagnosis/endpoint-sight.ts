import { setTimeout as pause } from 'node:timers/promises';
import type { EndpointRef, MediaInspector } from '@manycast/core';
import { SignalError } from '@manycast/protocol';
import type { EndpointSight } from './verdict.js';

/** Between the two looks that tell whether bytes move: a second of video is never empty. */
const betweenMs = 1_000;

/** Looks at an endpoint twice. Takes a little more than a second. */
export async function sightOf(inspector: MediaInspector, ref: EndpointRef): Promise<EndpointSight> {
  try {
    const first = await inspector.figures(ref);
    const firstAtMs = performance.now();
    await pause(betweenMs);
    const figures = await inspector.figures(ref);
    const seconds = (performance.now() - firstAtMs) / 1_000;
    const perSecond = (bytes: number) => Math.max(0, Math.round(bytes / seconds));
    return {
      state: 'seen',
      figures,
      bytesInPerS: perSecond(figures.bytesIn - first.bytesIn),
      bytesOutPerS: perSecond(figures.bytesOut - first.bytesOut),
    };
  } catch (thrown) {
    return { state: SignalError.from(thrown).code === 'media-gone' ? 'gone' : 'unreachable' };
  }
}
