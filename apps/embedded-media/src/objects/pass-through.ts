import { MediaElement } from './media-element.js';
import type { EmitEvent } from './media-event.js';
import type { MediaPipeline } from './media-pipeline.js';
import { objectTypes } from './object-type.js';

/** Passes on what it is connected to, unchanged. */
export class PassThrough extends MediaElement {
  readonly media = undefined;

  constructor(pipeline: MediaPipeline, emit: EmitEvent) {
    super({ type: objectTypes.passThrough, parent: pipeline, emit });
  }

  isFlowingIn(media: 'AUDIO' | 'VIDEO'): boolean {
    return this.pipeline.routes.origin(this, media)?.isFlowingOut(media) ?? false;
  }

  isFlowingOut(media: 'AUDIO' | 'VIDEO'): boolean {
    return this.isFlowingIn(media);
  }
}
