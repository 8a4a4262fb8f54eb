import type { CandidateBuffer, Cluster, EndpointEvent, Role, SessionMedia } from '@manycast/core';
import { errorCodes, type IceCandidate, type ServerMessage, SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import type { ClientOffer } from './client-offer.js';
import type { NodeMetrics } from './node-metrics.js';

export interface EndpointRelayOptions {
  cluster: Pick<Cluster, 'media'>;
  metrics: Pick<NodeMetrics, 'errors'>;
  send(message: ServerMessage): void;
}

/** Whose client it is. */
export interface RelayedSession {
  readonly role: Role;
  readonly isOver: boolean;
  /** Bound to the room and the session; made when something is to be said. */
  readonly log: Logger;
}

/** What passes between a client and its endpoint after the answer: candidates both ways, and what became of the connection. */
export class EndpointRelay {
  constructor(
    private readonly options: EndpointRelayOptions,
    private readonly session: RelayedSession,
  ) {}

  /** Passes on what the client has sent and sends from now on, as long as the offer counts. */
  open(
    offer: ClientOffer,
    media: SessionMedia,
    candidates: CandidateBuffer,
    isOurs: (candidate: IceCandidate) => boolean,
  ): void {
    candidates.open(candidate => {
      if (!this.session.isOver && !offer.isGivenUp && isOurs(candidate)) this.addCandidate(media, candidate);
    });
  }

  onEndpointEvent(event: EndpointEvent): void {
    const { role, isOver } = this.session;
    if (isOver) return;
    switch (event.type) {
      case 'candidate-found': {
        const { candidate, sdpMid, sdpMLineIndex } = event.candidate;
        return this.options.send({ id: 'iceCandidate', candidate: { candidate, sdpMid, sdpMLineIndex } });
      }
      case 'connection-state':
      case 'media-state':
        return this.session.log.info({ role, state: event.state }, event.type);
      case 'media-flow':
        return this.session.log.debug({ ...event }, event.type);
      case 'gathering-done':
    }
  }

  private addCandidate(media: SessionMedia, candidate: IceCandidate): void {
    const { cluster, metrics, send } = this.options;
    cluster.media.addIceCandidate(media, candidate).catch(thrown => {
      const { code, message } = SignalError.from(thrown);
      metrics.errors.inc({ code });
      this.session.log[errorCodes[code].log]({ code }, 'candidate not taken');
      if (!this.session.isOver) send({ id: 'error', code, message, field: 'candidate' });
    });
  }
}

/**
 * Tells which candidates belong to an offer: one left over from a former attempt on the same socket carries that one's
 * user name. Kept as long as the session lives, so it keeps the names and not the offer, of which a match would be a
 * part.
 */
export function candidatesOf(sdpOffer: string): (candidate: IceCandidate) => boolean {
  const names = [...sdpOffer.matchAll(/^a=ice-ufrag:(\S+)/gm)].map(([, name = '']) => name);
  const own = Buffer.from([...new Set(names)].join('\n')).toString();
  return ({ usernameFragment }) => !usernameFragment || own.split('\n').includes(usernameFragment);
}
