import type { MediaEndpoint } from '../media/media-endpoint.js';
import { MediaObject, type MediaObjectOptions } from './media-object.js';
import type { MediaPipeline } from './media-pipeline.js';
import { type MediaType, mediaTypes } from './media-type.js';
import type { Connection } from './routes.js';

export interface MediaElementOptions extends MediaObjectOptions {
  parent: MediaPipeline;
}

/** An object of a pipeline that can be connected to others of the same pipeline. */
export abstract class MediaElement extends MediaObject {
  readonly pipeline: MediaPipeline;
  /** Where the media of this element really come from and go to; undefined for an element that only passes on. */
  abstract readonly media: MediaEndpoint | undefined;

  constructor(options: MediaElementOptions) {
    super(options);
    this.pipeline = options.parent;
  }

  abstract isFlowingIn(media: 'AUDIO' | 'VIDEO'): boolean;
  abstract isFlowingOut(media: 'AUDIO' | 'VIDEO'): boolean;

  /** A sink has one source per medium: what it had before is disconnected first. */
  connect(sink: MediaElement, media: readonly MediaType[] = mediaTypes): void {
    for (const medium of media) {
      const former = this.pipeline.routes.sourceOf(sink, medium);
      former?.disconnect(sink, [medium]);
      this.pipeline.routes.connect(this, sink, medium);
      this.emit('ElementConnected', connectionData(sink, medium));
    }
  }

  disconnect(sink: MediaElement, media: readonly MediaType[] = mediaTypes): void {
    for (const medium of media) {
      this.pipeline.routes.disconnect(this, sink, medium);
      this.emit('ElementDisconnected', connectionData(sink, medium));
    }
  }

  sinkConnections(): Connection[] {
    return this.pipeline.routes.outOf(this);
  }

  sourceConnections(): Connection[] {
    return this.pipeline.routes.into(this);
  }

  override close(): void {
    for (const { sink, media } of this.sinkConnections()) this.disconnect(sink, [media]);
    for (const { source, media } of this.sourceConnections()) source.disconnect(this, [media]);
    super.close();
  }
}

function connectionData(sink: MediaElement, mediaType: MediaType) {
  return {
    sink: sink.id,
    mediaType,
    sourceMediaDescription: 'default',
    sinkMediaDescription: 'default',
  };
}
