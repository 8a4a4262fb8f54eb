import type { JsonObject } from '../json.js';
import type { FlowChange, MediaEndpoint, UpDown } from '../media/media-endpoint.js';
import { register } from './register.js';

/** All media travel bundled over one transport; Kurento numbers streams and components from 1. */
const streamId = 1;
const componentId = 1;

/** Tells what happens at the media plane's endpoint in Kurento's words. */
export function relayMediaEvents(
  media: MediaEndpoint,
  emit: (type: string, data?: JsonObject) => void,
): void {
  media.on('candidate', ({ candidate, sdpMid, sdpMLineIndex }) =>
    emit('IceCandidateFound', {
      candidate: register('IceCandidate', { candidate, sdpMid, sdpMLineIndex }),
    }),
  );
  media.on('gathering-done', () => emit('IceGatheringDone'));
  media.on('ice-state', state => emit('IceComponentStateChanged', { streamId, componentId, state }));
  media.on('connection-state', state => emit('ConnectionStateChanged', change(state)));
  media.on('media-state', state => emit('MediaStateChanged', change(state)));
  media.on('flow-in', flow => emit('MediaFlowInStateChanged', flowData(flow)));
  media.on('flow-out', flow => emit('MediaFlowOutStateChanged', flowData(flow)));
  media.on('candidate-pair', pair =>
    emit('NewCandidatePairSelected', {
      candidatePair: candidatePair(pair.local.candidate, pair.remote.candidate),
    }),
  );
}

export function candidatePair(localCandidate: string, remoteCandidate: string): JsonObject {
  return register('IceCandidatePair', {
    streamId: String(streamId),
    componentId,
    localCandidate,
    remoteCandidate,
  });
}

function change(newState: UpDown): JsonObject {
  return { oldState: newState === 'CONNECTED' ? 'DISCONNECTED' : 'CONNECTED', newState };
}

function flowData({ media, isFlowing }: FlowChange): JsonObject {
  return { state: isFlowing ? 'FLOWING' : 'NOT_FLOWING', padName: 'default', mediaType: media };
}
