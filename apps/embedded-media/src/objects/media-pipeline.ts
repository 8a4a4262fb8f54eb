import type { EmitEvent } from './media-event.js';
import { MediaObject } from './media-object.js';
import { objectTypes } from './object-type.js';
import { Routes } from './routes.js';

/** Holds the elements that can be connected to each other. */
export class MediaPipeline extends MediaObject {
  readonly routes = new Routes();

  constructor(emit: EmitEvent) {
    super({ type: objectTypes.mediaPipeline, emit });
  }
}
