import type { Json } from '../json.js';
import type { MediaServer } from '../media-server.js';
import { Args, malformed } from '../operations/args.js';
import { kurentoError } from '../rpc/kurento-error.js';
import type { MediaObject } from './media-object.js';
import { MediaPipeline } from './media-pipeline.js';
import { qualified } from './object-type.js';
import { PassThrough } from './pass-through.js';
import { WebRtcEndpoint } from './webrtc-endpoint.js';

type Factory = (server: MediaServer, args: Args) => MediaObject;

const factories: Record<string, Factory> = {
  MediaPipeline: server => new MediaPipeline(server.emit),
  PassThrough: (server, args) => new PassThrough(pipelineOf(server, args), server.emit),
  WebRtcEndpoint: (server, args) => {
    // Media flow both ways as the descriptions say; the options only narrow what this side would offer.
    for (const option of ['recvonly', 'sendonly', 'useDataChannels']) {
      if (args.has(option)) args.boolean(option);
    }
    if (args.has('certificateKeyType'))
      args.oneOf('certificateKeyType', 'CertificateKeyType', ['RSA', 'ECDSA']);
    return new WebRtcEndpoint(pipelineOf(server, args), server.plane, server.emit);
  },
};

/** By its type's name, with or without the module. */
export function createObject(server: MediaServer, typeName: string, params: Json | undefined): MediaObject {
  const name = Object.keys(factories).find(known => typeName === known || typeName === qualified(known));
  const factory = name === undefined ? undefined : factories[name];
  if (!factory) throw kurentoError('MEDIA_OBJECT_NOT_AVAILABLE', `Factory '${typeName}' not found`);
  server.checkResources();
  return factory(server, new Args('constructorParams', params));
}

function pipelineOf(server: MediaServer, args: Args): MediaPipeline {
  const pipeline = server.object(args.string('mediaPipeline'));
  if (pipeline instanceof MediaPipeline) return pipeline;
  throw malformed(`'mediaPipeline' parameter should be a MediaPipeline`);
}
