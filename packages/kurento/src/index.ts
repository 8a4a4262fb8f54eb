export { KurentoError } from './kurento-error.js';
export {
  createKurentoMedia,
  type KurentoMedia,
  type KurentoMediaOptions,
  type LinkEvent,
} from './kurento-media.js';
export { defaultTimings, type LinkTimings } from './link.js';
