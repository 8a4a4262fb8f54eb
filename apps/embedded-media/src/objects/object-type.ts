/** What `describe` says of a type, and which events it knows. */
export interface ObjectType {
  name: string;
  /** Its ancestors, nearest first, with module. */
  hierarchy: readonly string[];
  events: readonly string[];
}

export const qualified = (name: string) => `kurento.${name}`;

function extend(parent: ObjectType, name: string, events: string[] = []): ObjectType {
  return {
    name,
    hierarchy: [qualified(parent.name), ...parent.hierarchy],
    events: [...parent.events, ...events],
  };
}

// The part of Kurento's class tree (core.kmd.json, elements.WebRtcEndpoint.kmd.json) that leads to what this
// server can create.
const mediaObject: ObjectType = { name: 'MediaObject', hierarchy: [], events: ['Error'] };
const mediaElement = extend(mediaObject, 'MediaElement', [
  'ElementConnected',
  'ElementDisconnected',
  'MediaFlowInStateChanged',
  'MediaFlowOutStateChanged',
  'MediaTranscodingStateChanged',
]);
const endpoint = extend(mediaElement, 'Endpoint');
const sessionEndpoint = extend(endpoint, 'SessionEndpoint', [
  'MediaSessionStarted',
  'MediaSessionTerminated',
]);
const sdpEndpoint = extend(sessionEndpoint, 'SdpEndpoint');
const baseRtpEndpoint = extend(sdpEndpoint, 'BaseRtpEndpoint', [
  'ConnectionStateChanged',
  'MediaStateChanged',
]);

export const objectTypes = {
  serverManager: extend(mediaObject, 'ServerManager', ['ObjectCreated', 'ObjectDestroyed']),
  mediaPipeline: extend(mediaObject, 'MediaPipeline'),
  passThrough: extend(mediaElement, 'PassThrough'),
  webRtcEndpoint: extend(baseRtpEndpoint, 'WebRtcEndpoint', [
    'IceCandidateFound',
    'IceGatheringDone',
    'IceComponentStateChanged',
    'NewCandidatePairSelected',
    'DtlsConnectionStateChange',
    'DataChannelOpened',
    'DataChannelClosed',
  ]),
} satisfies Record<string, ObjectType>;
