import { mediaTypes } from '../objects/media-type.js';
import type { WebRtcEndpoint } from '../objects/webrtc-endpoint.js';
import { candidatePair } from '../objects/webrtc-endpoint-events.js';
import { kurentoError } from '../rpc/kurento-error.js';
import { mediaElementOperations } from './media-element.js';
import type { Operation, Operations } from './operation.js';
import { settingOperations } from './settings.js';
import { statsReport } from './stats-report.js';

/** In kbit/s, 0 for no limit. Nothing limits unless it is asked to: forwarded media are not re-encoded to fit. */
const bandwidths = settingOperations<WebRtcEndpoint>(
  {
    maxVideoRecvBandwidth: 0,
    minVideoRecvBandwidth: 0,
    maxVideoSendBandwidth: 0,
    minVideoSendBandwidth: 0,
    maxAudioRecvBandwidth: 0,
  },
  (endpoint, name, value) => {
    const kbps = Math.max(0, Number(value));
    if (name === 'maxVideoRecvBandwidth') endpoint.media.setMaxVideoRecvBandwidth(kbps);
    if (name === 'minVideoRecvBandwidth') endpoint.media.setMinVideoRecvBandwidth(kbps);
    if (name === 'maxVideoSendBandwidth') endpoint.media.setMaxVideoSendBandwidth(kbps);
  },
);

/** Without effect: candidates are the host's own, and the transport has its own idea of a packet's size. */
const transport = settingOperations<WebRtcEndpoint>({
  stunServerAddress: '',
  stunServerPort: 3478,
  turnUrl: '',
  networkInterfaces: '',
  iceTcp: false,
  externalIPv4: '',
  externalIPv6: '',
  mtu: 1200,
});

const noDataChannels: Operation<WebRtcEndpoint> = () => {
  throw kurentoError('MEDIA_OBJECT_OPERATION_NOT_SUPPORTED', 'Data channels are not supported');
};

export const webRtcEndpointOperations: Operations<WebRtcEndpoint> = {
  ...mediaElementOperations,
  ...bandwidths,
  ...transport,

  processOffer: (endpoint, args) => endpoint.processOffer(args.string('offer')),
  generateOffer: endpoint => endpoint.generateOffer(),
  processAnswer: (endpoint, args) => endpoint.processAnswer(args.string('answer')),
  getLocalSessionDescriptor: endpoint => endpoint.localSessionDescriptor(),
  getRemoteSessionDescriptor: endpoint => endpoint.remoteSessionDescriptor(),

  gatherCandidates: endpoint => {
    endpoint.media.gatherCandidates();
  },
  addIceCandidate: (endpoint, args) => {
    const given = args.object('candidate');
    endpoint.addIceCandidate({
      candidate: given.string('candidate'),
      sdpMid: given.string('sdpMid'),
      sdpMLineIndex: given.integer('sdpMLineIndex'),
    });
  },
  getICECandidatePairs: endpoint => {
    const pair = endpoint.media.stats().selectedPair;
    return pair ? [candidatePair(pair.local.candidate, pair.remote.candidate)] : [];
  },

  getConnectionState: endpoint => endpoint.media.connectionState,
  getMediaState: endpoint => endpoint.media.mediaState,
  requestKeyframe: endpoint => {
    endpoint.media.requestKeyframe();
  },
  getStats: (endpoint, args) => {
    const media = args.has('mediaType') ? [args.oneOf('mediaType', 'MediaType', mediaTypes)] : mediaTypes;
    return statsReport(endpoint.id, endpoint.media.stats(), media, Date.now());
  },

  createDataChannel: noDataChannels,
  closeDataChannel: noDataChannels,
};
