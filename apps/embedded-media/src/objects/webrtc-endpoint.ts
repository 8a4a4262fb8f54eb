import type { LocalCandidate, MediaEndpoint } from '../media/media-endpoint.js';
import { CandidateError, NegotiationError, SdpError } from '../media/media-errors.js';
import type { MediaPlane } from '../media/media-plane.js';
import { type KurentoErrorType, kurentoError, objectNotFound } from '../rpc/kurento-error.js';
import { RpcError } from '../rpc/rpc-error.js';
import { MediaElement } from './media-element.js';
import type { EmitEvent } from './media-event.js';
import type { MediaPipeline } from './media-pipeline.js';
import { Negotiation } from './negotiation.js';
import { objectTypes } from './object-type.js';
import { relayMediaEvents } from './webrtc-endpoint-events.js';

/** One WebRTC peer, with Kurento's rules for its negotiation in front of the media plane's endpoint. */
export class WebRtcEndpoint extends MediaElement {
  readonly media: MediaEndpoint;
  readonly #negotiation = new Negotiation();
  /** Rejects when the object is gone: whoever waits for the media plane then stops waiting. */
  readonly #gone: Promise<never>;
  #tellGone: (error: RpcError) => void = () => {};

  constructor(pipeline: MediaPipeline, plane: MediaPlane, emit: EmitEvent) {
    super({ type: objectTypes.webRtcEndpoint, parent: pipeline, emit });
    this.#gone = new Promise((_, reject) => {
      this.#tellGone = reject;
    });
    this.#gone.catch(() => {});
    this.media = plane.createEndpoint({ id: this.id });
    relayMediaEvents(this.media, (type, data) => this.emit(type, data));
  }

  async processOffer(offer: string): Promise<string> {
    mustLookLikeSdp(offer, 'offer');
    const answer = await this.#negotiation.answer(() =>
      this.#ask(this.media.processOffer(offer), 'SDP_END_POINT_PROCESS_OFFER_ERROR'),
    );
    this.emit('MediaSessionStarted');
    return answer;
  }

  generateOffer(): Promise<string> {
    return this.#negotiation.offer(() =>
      this.#ask(this.media.generateOffer(), 'SDP_END_POINT_GENERATE_OFFER_ERROR'),
    );
  }

  async processAnswer(answer: string): Promise<string> {
    const local = await this.#negotiation.complete(() => {
      mustLookLikeSdp(answer, 'answer');
      return this.#ask(this.media.processAnswer(answer), 'SDP_END_POINT_PROCESS_ANSWER_ERROR');
    });
    this.emit('MediaSessionStarted');
    return local;
  }

  localSessionDescriptor(): string {
    if (this.media.localSdp !== undefined) return this.media.localSdp;
    throw kurentoError('SDP_END_POINT_NO_LOCAL_SDP_ERROR', 'No local SDP');
  }

  remoteSessionDescriptor(): string {
    if (this.media.remoteSdp !== undefined) return this.media.remoteSdp;
    throw kurentoError('SDP_END_POINT_NO_REMOTE_SDP_ERROR', 'No remote SDP');
  }

  /** What is no candidate at all is passed over in silence, as in Kurento (kms_ice_candidate_new). */
  addIceCandidate(candidate: LocalCandidate): void {
    try {
      this.media.addIceCandidate(candidate);
    } catch (error) {
      if (!(error instanceof CandidateError)) throw error;
    }
  }

  isFlowingIn(media: 'AUDIO' | 'VIDEO'): boolean {
    return this.media.isFlowingIn(media);
  }

  isFlowingOut(media: 'AUDIO' | 'VIDEO'): boolean {
    return this.media.isFlowingOut(media);
  }

  override close(): void {
    super.close();
    this.#tellGone(objectNotFound(this.id));
  }

  override dispose(): void {
    this.media.close();
  }

  async #ask<T>(work: Promise<T>, failure: KurentoErrorType): Promise<T> {
    try {
      return await Promise.race([work, this.#gone]);
    } catch (error) {
      throw negotiationFailure(error, failure, this.id);
    }
  }
}

function negotiationFailure(error: unknown, failure: KurentoErrorType, id: string): RpcError {
  if (error instanceof RpcError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof SdpError) return kurentoError('SDP_PARSE_ERROR', message, error);
  if (error instanceof NegotiationError) {
    switch (error.reason) {
      case 'already-negotiated':
        return kurentoError('SDP_END_POINT_ALREADY_NEGOTIATED', message, error);
      case 'no-offer':
        return kurentoError('SDP_END_POINT_NOT_OFFER_GENERATED', message, error);
      case 'closed':
        return objectNotFound(id);
    }
  }
  return kurentoError(failure, message, error);
}

function mustLookLikeSdp(sdp: string, what: 'offer' | 'answer'): void {
  if (sdp === '') throw kurentoError('SDP_PARSE_ERROR', `Empty ${what} not valid`);
  if (!/^v=/m.test(sdp)) throw kurentoError('SDP_PARSE_ERROR', 'Invalid SDP');
}
