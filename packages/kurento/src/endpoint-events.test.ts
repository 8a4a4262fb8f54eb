import { describe, expect, it } from 'vitest';
import { toEndpointEvent } from './endpoint-events.js';

describe('an event of Kurento', () => {
  const object = 'endpoint';

  it('becomes ours', () => {
    const candidate = { candidate: 'candidate:1 …', sdpMid: '0', sdpMLineIndex: 0, __type__: 'IceCandidate' };
    expect(toEndpointEvent({ object, type: 'IceCandidateFound', data: { candidate } })).toEqual({
      type: 'candidate-found',
      candidate: { candidate: 'candidate:1 …', sdpMid: '0', sdpMLineIndex: 0 },
    });
    expect(toEndpointEvent({ object, type: 'IceGatheringDone', data: {} })).toEqual({
      type: 'gathering-done',
    });
    expect(
      toEndpointEvent({ object, type: 'ConnectionStateChanged', data: { newState: 'CONNECTED' } }),
    ).toEqual({
      type: 'connection-state',
      state: 'connected',
    });
    expect(
      toEndpointEvent({ object, type: 'MediaStateChanged', data: { newState: 'DISCONNECTED' } }),
    ).toEqual({
      type: 'media-state',
      state: 'disconnected',
    });
    expect(
      toEndpointEvent({
        object,
        type: 'MediaFlowOutStateChanged',
        data: { mediaType: 'VIDEO', state: 'FLOWING' },
      }),
    ).toEqual({ type: 'media-flow', direction: 'out', media: 'video', isFlowing: true });
    expect(
      toEndpointEvent({
        object,
        type: 'MediaFlowInStateChanged',
        data: { mediaType: 'AUDIO', state: 'NOT_FLOWING' },
      }),
    ).toEqual({ type: 'media-flow', direction: 'in', media: 'audio', isFlowing: false });
  });

  it('says nothing when it is of another type or lacks what it is about', () => {
    expect(toEndpointEvent({ object, type: 'ElementConnected', data: {} })).toBeUndefined();
    expect(toEndpointEvent({ object, type: 'IceCandidateFound', data: {} })).toBeUndefined();
    expect(toEndpointEvent({ object, type: 'MediaFlowInStateChanged', data: {} })).toBeUndefined();
  });
});
