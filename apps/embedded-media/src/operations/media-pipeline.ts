import type { MediaPipeline } from '../objects/media-pipeline.js';
import { mediaObjectOperations } from './media-object.js';
import type { Operations } from './operation.js';
import { settingOperations } from './settings.js';

export const mediaPipelineOperations: Operations<MediaPipeline> = {
  ...mediaObjectOperations,
  // Without effect: there is no latency to speak of where nothing is transcoded.
  ...settingOperations({ latencyStats: false }),
};
