import type { Json } from '../json.js';
import type { MediaElement } from '../objects/media-element.js';
import { type MediaType, mediaTypes } from '../objects/media-type.js';
import { register } from '../objects/register.js';
import type { Connection } from '../objects/routes.js';
import { kurentoError } from '../rpc/kurento-error.js';
import type { Args } from './args.js';
import { mediaObjectOperations } from './media-object.js';
import type { OperationContext, Operations } from './operation.js';
import { settingOperations } from './settings.js';

export const mediaElementOperations: Operations<MediaElement> = {
  ...mediaObjectOperations,
  // Without effect: nothing is encoded here.
  ...settingOperations({ encoderBitrate: 0, minEncoderBitrate: 0, maxEncoderBitrate: 0 }),

  connect: (source, args, context) => {
    source.connect(sinkFor(source, args, context), mediaOf(args));
  },
  disconnect: (source, args, context) => {
    source.disconnect(sinkFor(source, args, context), mediaOf(args));
  },
  getSinkConnections: (element, args) => listed(element.sinkConnections(), args),
  getSourceConnections: (element, args) => listed(element.sourceConnections(), args),

  isMediaFlowingIn: (element, args) => element.isFlowingIn(audioOrVideo(args, 'MediaFlowingIn')),
  isMediaFlowingOut: (element, args) => element.isFlowingOut(audioOrVideo(args, 'MediaFlowingOut')),
  isMediaTranscoding: (_element, args) => {
    audioOrVideo(args, 'MediaTranscoding');
    return false;
  },
};

function sinkFor(source: MediaElement, args: Args, { server }: OperationContext): MediaElement {
  const sink = server.element(args.string('sink'), 'sink');
  if (sink.pipeline === source.pipeline) return sink;
  throw kurentoError('CONNECT_ERROR', 'Media elements do not share pipeline');
}

/** The one medium that was named, or all. */
function mediaOf(args: Args): readonly MediaType[] {
  return args.has('mediaType') ? [args.oneOf('mediaType', 'MediaType', mediaTypes)] : mediaTypes;
}

function audioOrVideo(args: Args, what: string): 'AUDIO' | 'VIDEO' {
  const media = args.oneOf('mediaType', 'MediaType', mediaTypes);
  if (media !== 'DATA') return media;
  throw kurentoError('MEDIA_OBJECT_ILLEGAL_PARAM_ERROR', `Media type DATA is not supported for ${what}`);
}

function listed(connections: Connection[], args: Args): Json {
  const media = mediaOf(args);
  return connections
    .filter(connection => media.includes(connection.media))
    .map(connection =>
      register('ElementConnectionData', {
        source: connection.source.id,
        sink: connection.sink.id,
        type: connection.media,
        sourceDescription: 'default',
        sinkDescription: 'default',
      }),
    );
}
