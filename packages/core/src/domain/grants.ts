import type { OpeningOptions } from '@manycast/protocol';

/**
 * What a session may do in its room, and who it says it is. Filled from the join token where the cluster asks for
 * one; kept with the session in the store, so that whoever resumes it has the same.
 */
export interface Grants {
  /** The application's name for the person; null when nobody vouches for one. What a ban is about, where there is one. */
  identity: string | null;
  /** To be shown to others; null: they are shown the session. */
  name: string | null;
  mayPresent: boolean;
  mayView: boolean;
  /** May keep order in the room. Whoever presents may do so too, see `moderates`. */
  isModerator: boolean;
  mayChat: boolean;
  /** Of a presenter: what its token wants of a room that it opens. What the admin API has said of the room goes first. */
  options?: OpeningOptions;
  /** What says so; null where anybody may come in. */
  token: TokenInUse | null;
}

/** The join token that let a session in. Dates are Unix ms. */
export interface TokenInUse {
  id: string | null;
  issuedAtMs: number | null;
  /** The session ends then, unless another token has been shown. */
  expiresAtMs: number;
}

/** What anybody has in a cluster that asks for no token. */
export const openGrants: Grants = {
  identity: null,
  name: null,
  mayPresent: true,
  mayView: true,
  isModerator: false,
  mayChat: true,
  token: null,
};

/** Whoever presents keeps order in the room, and so do those who were made moderators. */
export const moderates = (role: 'presenter' | 'viewer', grants: Grants): boolean =>
  role === 'presenter' || grants.isModerator;
