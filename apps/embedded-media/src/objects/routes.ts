import type { MediaEndpoint } from '../media/media-endpoint.js';
import type { MediaElement } from './media-element.js';
import { type MediaType, mediaTypes } from './media-type.js';

export interface Connection {
  source: MediaElement;
  sink: MediaElement;
  media: MediaType;
}

/**
 * What is connected to what inside one pipeline, and the same for the media plane: that one knows endpoints
 * only, so a chain of elements that pass on becomes one connection between the endpoints at its ends.
 */
export class Routes {
  readonly #sources = byMedia<MediaElement>();
  readonly #sinks = byMedia<Set<MediaElement>>();
  /** What the media plane has been told: the source endpoint of each sink endpoint. */
  readonly #applied = byMedia<MediaEndpoint>();

  sourceOf(sink: MediaElement, media: MediaType): MediaElement | undefined {
    return this.#sources[media].get(sink);
  }

  connect(source: MediaElement, sink: MediaElement, media: MediaType): void {
    this.#sources[media].set(sink, source);
    const sinks = this.#sinks[media].get(source) ?? new Set();
    this.#sinks[media].set(source, sinks.add(sink));
    this.#apply(sink, media);
  }

  /** Does nothing where there is no such connection. */
  disconnect(source: MediaElement, sink: MediaElement, media: MediaType): void {
    if (this.sourceOf(sink, media) !== source) return;
    this.#sources[media].delete(sink);
    const sinks = this.#sinks[media].get(source);
    sinks?.delete(sink);
    if (sinks?.size === 0) this.#sinks[media].delete(source);
    this.#apply(sink, media);
  }

  into(sink: MediaElement): Connection[] {
    return mediaTypes.flatMap(media => {
      const source = this.sourceOf(sink, media);
      return source ? [{ source, sink, media }] : [];
    });
  }

  outOf(source: MediaElement): Connection[] {
    return mediaTypes.flatMap(media =>
      [...(this.#sinks[media].get(source) ?? [])].map(sink => ({ source, sink, media })),
    );
  }

  /** The endpoint that a sink's media really come from. */
  origin(sink: MediaElement, media: MediaType): MediaEndpoint | undefined {
    const passed = new Set<MediaElement>();
    let source = this.sourceOf(sink, media);
    while (source && !source.media && !passed.has(source)) {
      passed.add(source);
      source = this.sourceOf(source, media);
    }
    return source?.media;
  }

  #apply(changed: MediaElement, media: MediaType): void {
    for (const sink of this.#endpointsBehind(changed, media)) {
      const before = this.#applied[media].get(sink);
      const now = this.origin(sink, media);
      if (!sink.media || before === now) continue;
      before?.disconnect(sink.media, media);
      if (now) this.#applied[media].set(sink, now);
      else this.#applied[media].delete(sink);
      now?.connect(sink.media, media);
    }
  }

  /** The element itself if it is an endpoint, otherwise all that it passes on to. */
  #endpointsBehind(element: MediaElement, media: MediaType, seen = new Set<MediaElement>()): MediaElement[] {
    if (element.media) return [element];
    if (seen.has(element)) return [];
    seen.add(element);
    const sinks = [...(this.#sinks[media].get(element) ?? [])];
    return sinks.flatMap(sink => this.#endpointsBehind(sink, media, seen));
  }
}

function byMedia<T>(): Record<MediaType, Map<MediaElement, T>> {
  return { AUDIO: new Map(), VIDEO: new Map(), DATA: new Map() };
}
