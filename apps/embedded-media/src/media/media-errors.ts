/** The session description cannot be parsed or used: Kurento's 40201 at the protocol's edge. */
export class SdpError extends Error {
  override readonly name = 'SdpError';
}

/** A string that is no ICE candidate at all (as opposed to one that is of no use here). */
export class CandidateError extends Error {
  override readonly name = 'CandidateError';
}

/** The call does not fit the state: a second negotiation, or an answer without an offer. */
export class NegotiationError extends Error {
  override readonly name = 'NegotiationError';
  constructor(
    readonly reason: 'already-negotiated' | 'no-offer' | 'closed',
    message: string,
  ) {
    super(message);
  }
}
