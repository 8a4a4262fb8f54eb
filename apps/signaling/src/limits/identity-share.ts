import type { Role, Undo } from '@manycast/core';
import { type RoomName, SignalError } from '@manycast/protocol';
import type { Limits } from './limits.js';
import { presentingTtlMs } from './presenter-rooms.js';

/** What one session takes of what its identity may have: a session on this node, and, presenting, a room in the cluster. */
export class IdentityShare {
  private identity: string | null = null;
  private hasRoom = false;

  constructor(
    private readonly role: Role,
    private readonly room: RoomName,
    private readonly limits: Pick<Limits, 'sessionsByIdentity' | 'rooms' | 'maxRoomsPerIdentity'>,
    private readonly undo: Undo,
  ) {}

  /** Idempotent. Throws SignalError `too-many-sessions`, `too-many-rooms` or `unavailable`. */
  async enter(identity: string | null): Promise<void> {
    if (identity === null || this.identity !== null) return;
    const { sessionsByIdentity } = this.limits;
    if (!sessionsByIdentity.take(identity))
      throw new SignalError('too-many-sessions', { retryAfterMs: 5_000 });
    this.identity = identity;
    try {
      if (this.role === 'presenter' && !(await this.takeRoom(identity)))
        throw new SignalError('too-many-rooms');
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  /** The session was let in before, and is not sent away for a limit. */
  resume(identity: string | null): void {
    if (identity === null) return;
    this.limits.sessionsByIdentity.take(identity);
    this.identity = identity;
    this.hasRoom = this.role === 'presenter';
  }

  /** To be called more often than rooms are forgotten. Never rejects. */
  async keep(): Promise<void> {
    if (this.identity !== null && this.hasRoom) await this.takeRoom(this.identity).catch(() => false);
  }

  leave(): void {
    const { identity, room, hasRoom } = this;
    if (identity === null) return;
    this.limits.sessionsByIdentity.give(identity);
    this.identity = null;
    if (hasRoom) void this.undo.run('give back room', () => this.limits.rooms.giveBack({ identity, room }));
  }

  private async takeRoom(identity: string): Promise<boolean> {
    const { rooms, maxRoomsPerIdentity: max } = this.limits;
    const isTaken =
      max === 0 || (await rooms.take({ identity, room: this.room, max, ttlMs: presentingTtlMs }));
    this.hasRoom = isTaken && max > 0;
    return isTaken;
  }
}
