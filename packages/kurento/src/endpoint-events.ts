import type { EndpointEvent } from '@manycast/core';

/** What every endpoint is subscribed to, in the words of Kurento 7. */
export const subscribedEvents = [
  'IceCandidateFound',
  'IceGatheringDone',
  'ConnectionStateChanged',
  'MediaStateChanged',
  'MediaFlowInStateChanged',
  'MediaFlowOutStateChanged',
] as const;

/** A notification's payload as Kurento sends it: which fields are there depends on the type. */
export interface KurentoEvent {
  object: string;
  type: string;
  data: {
    candidate?: { candidate: string; sdpMid: string; sdpMLineIndex: number };
    newState?: string;
    state?: string;
    mediaType?: string;
  };
}

/** Undefined for an event that says nothing to us. */
export function toEndpointEvent({ type, data }: KurentoEvent): EndpointEvent | undefined {
  switch (type) {
    case 'IceCandidateFound': {
      if (!data.candidate) return undefined;
      const { candidate, sdpMid, sdpMLineIndex } = data.candidate;
      return { type: 'candidate-found', candidate: { candidate, sdpMid, sdpMLineIndex } };
    }
    case 'IceGatheringDone':
      return { type: 'gathering-done' };
    case 'ConnectionStateChanged':
      return { type: 'connection-state', state: connectedOr(data.newState) };
    case 'MediaStateChanged':
      return { type: 'media-state', state: connectedOr(data.newState) };
    case 'MediaFlowInStateChanged':
      return flow('in', data);
    case 'MediaFlowOutStateChanged':
      return flow('out', data);
    default:
      return undefined;
  }
}

function connectedOr(state: string | undefined): 'connected' | 'disconnected' {
  return state === 'CONNECTED' ? 'connected' : 'disconnected';
}

const mediaOf: Record<string, 'audio' | 'video' | 'data'> = { AUDIO: 'audio', VIDEO: 'video', DATA: 'data' };

function flow(direction: 'in' | 'out', data: KurentoEvent['data']): EndpointEvent | undefined {
  const media = mediaOf[data.mediaType ?? ''];
  return media && { type: 'media-flow', direction, media, isFlowing: data.state === 'FLOWING' };
}
