import {
  type Attachment,
  type Cluster,
  type Grants,
  isExpired,
  isRevokedBy,
  type Revocation,
  type Role,
} from '@manycast/core';
import { SignalError } from '@manycast/protocol';
import { IdentityShare } from './limits/identity-share.js';
import type { Limits } from './limits/limits.js';

/** What becomes of a session by its token alone. */
export type Standing = 'good' | 'token-expiring' | 'token-expired' | 'token-revoked';

/** How long before its end a session is told of it. */
const warningMs = 30_000;

/**
 * By what a session is in its room: nothing, where anybody may be, or a join token and those that followed it; and what
 * it takes of what its identity may have.
 */
export class Admission {
  private isWarned = false;
  private readonly share: IdentityShare;

  constructor(
    private readonly cluster: Pick<Cluster, 'authorizer' | 'rooms' | 'undo'>,
    private readonly role: Role,
    private readonly attachment: Attachment,
    brakes: Limits,
    /** Of a session that was let in before. */
    private known: Grants | undefined,
  ) {
    this.share = new IdentityShare(role, attachment.room, brakes, cluster.undo);
    if (known) this.share.resume(known.identity);
  }

  /** What its client may do here; undefined before it has been let in. */
  get grants(): Grants | undefined {
    return this.known;
  }

  /**
   * Before each offer. A session that is in needs no token again. Throws SignalError `token-…`, `too-many-…` or
   * `unavailable`.
   */
  async enter(token: string | undefined): Promise<Grants> {
    const { authorizer } = this.cluster;
    const { room, session } = this.attachment;
    if (!this.known) {
      this.known = await authorizer.enter({ room, role: this.role, session, token });
    } else if (token === undefined) {
      await authorizer.goOn(this.known, room, session);
    } else {
      await this.renew(token);
    }
    await this.share.enter(this.known.identity);
    return this.known;
  }

  /**
   * Another token of the same identity lets the session stay; what it may do does not change. Throws SignalError `token-…`
   * or `unavailable`; the session then has what it had.
   */
  async renew(token: string): Promise<void> {
    const { authorizer, rooms } = this.cluster;
    const { room, session } = this.attachment;
    const next = await authorizer.enter({ room, role: this.role, session, token });
    const { known } = this;
    if (!known || next.token === null) return;
    if (known.token && known.identity !== next.identity)
      throw new SignalError('token-foreign', { message: 'the join token is of another identity' });
    if (next.token.expiresAtMs !== known.token?.expiresAtMs)
      await rooms.renewToken({ ...this.attachment, token: next.token });
    this.known = { ...known, token: next.token };
    this.isWarned = false;
  }

  /** The session came to nothing: a token for one time is good again. */
  giveBack(): void {
    const id = this.known?.token?.id;
    if (typeof id !== 'string') return;
    const { session } = this.attachment;
    void this.cluster.undo.run('give back token', () => this.cluster.authorizer.giveBack({ id, session }));
  }

  /** A presenter's room counts among those of its identity for a while longer. Never rejects. */
  keepRoom(): Promise<void> {
    return this.share.keep();
  }

  /** The session is not here any more. Idempotent. */
  leave(): void {
    this.share.leave();
  }

  /** `token-expiring` is said once for each token. */
  standing(nowMs: number, revocations: readonly Revocation[]): Standing {
    const { known } = this;
    if (!known?.token) return 'good';
    if (isExpired(known, nowMs)) return 'token-expired';
    if (revocations.some(revocation => isRevokedBy(known, revocation))) return 'token-revoked';
    if (this.isWarned || !isExpired(known, nowMs + warningMs)) return 'good';
    this.isWarned = true;
    return 'token-expiring';
  }
}
