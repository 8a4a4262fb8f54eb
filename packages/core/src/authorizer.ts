import {
  matchesRoom,
  type RoomName,
  type RoomPattern,
  type SessionId,
  SignalError,
} from '@manycast/protocol';
import { type Grants, openGrants } from './domain/grants.js';
import type { Role } from './domain/session.js';
import { isExpired } from './domain/token-validity.js';
import type { JoinToken, JoinTokens } from './ports/join-tokens.js';
import type { TokenLedger } from './ports/token-ledger.js';

export interface AuthorizerOptions {
  /** Null where no keys are configured: tokens are not looked at, and mean nothing. */
  tokens: JoinTokens | null;
  ledger: TokenLedger;
  /** Rooms that anybody may enter without a token; `*` is an open cluster. */
  openRooms: readonly RoomPattern[];
  now(): number;
}

export interface EntryOrder {
  room: RoomName;
  role: Role;
  session: SessionId;
  token: string | undefined;
}

/** Decides who gets in, at every offer, and who may come back, at every resume. */
export class Authorizer {
  constructor(private readonly options: AuthorizerOptions) {}

  /**
   * Throws SignalError `token-…`, each refusal with its own, or `unavailable`. A token that is shown is looked at also
   * where none is needed; none, where there are no keys.
   */
  async enter({ room, role, session, token }: EntryOrder): Promise<Grants> {
    const { tokens } = this.options;
    if (!tokens || token === undefined) {
      this.mustBeOpen(room);
      return openGrants;
    }
    const said = await tokens.verify(token);
    if (!matchesRoom(said.rooms, room)) throw new SignalError('token-room');
    if (!said.roles.includes(role)) throw new SignalError('token-role');
    const { options } = said;
    const grants = { ...grantsOf(said), ...(options && role === 'presenter' && { options }) };
    await this.ask(grants, session, said.isOneTime);
    return grants;
  }

  /** Whether somebody with this token could take part in the room at all; a token for one time is not used up. Throws as `enter`. */
  async mayConnect(room: RoomName, token: string | undefined): Promise<void> {
    const { tokens } = this.options;
    if (!tokens || token === undefined) {
      return this.mustBeOpen(room);
    }
    const said = await tokens.verify(token);
    if (!matchesRoom(said.rooms, room)) throw new SignalError('token-room');
    await this.ask(grantsOf(said), '' as SessionId, false);
  }

  /**
   * A session goes on with what let it in before. One that nobody vouches for, since it was put back from what media
   * servers knew of it (R-REDIS-2), has to show its token again: as if it were new. Throws as `enter`.
   */
  async goOn(grants: Grants, room: RoomName, session: SessionId): Promise<void> {
    if (!grants.token) return this.mustBeOpen(room);
    if (isExpired(grants, this.options.now())) throw new SignalError('token-expired');
    // A token for one time has been its own since it entered.
    await this.ask(grants, session, false);
  }

  /** The session came to nothing: a token for one time is good again. Throws SignalError `unavailable`. */
  giveBack(order: { id: string; session: SessionId }): Promise<void> {
    return this.options.ledger.giveBack(order);
  }

  private mustBeOpen(room: RoomName): void {
    if (!this.options.openRooms.some(pattern => matchesRoom(pattern, room)))
      throw new SignalError('token-missing');
  }

  /** Nothing to ask where there is nothing to revoke it by: that costs no round trip. */
  private async ask({ identity, token }: Grants, session: SessionId, isOneTime: boolean): Promise<void> {
    if (!token || (token.id === null && identity === null)) return;
    const answer = await this.options.ledger.admit({ ...token, identity, session, isOneTime });
    if (answer === 'used') throw new SignalError('token-used');
    if (answer === 'revoked') throw new SignalError('token-revoked');
  }
}

const grantsOf = ({
  id,
  identity,
  name,
  roles,
  isModerator,
  mayChat,
  issuedAtMs,
  expiresAtMs,
}: JoinToken): Grants => ({
  identity,
  name,
  mayPresent: roles.includes('presenter'),
  mayView: roles.includes('viewer'),
  isModerator,
  mayChat,
  token: { id, issuedAtMs, expiresAtMs },
});
