import type { InboxMessage } from '@manycast/core';
import type { SessionId } from '@manycast/protocol';
import type { Connection } from './connection.js';

/** Which socket of this node carries which session, and which one is just resuming it. */
export class Carriers {
  private readonly attached = new Map<SessionId, Connection>();
  private readonly resuming = new Map<SessionId, Set<Connection>>();

  /** From now on this one carries the session: a former one is superseded. */
  attach(session: SessionId, connection: Connection): void {
    const former = this.attached.get(session);
    this.attached.set(session, connection);
    if (former !== connection) former?.supersede();
  }

  detach(session: SessionId, connection: Connection): void {
    if (this.attached.get(session) === connection) this.attached.delete(session);
  }

  beginResume(session: SessionId, connection: Connection): void {
    this.resuming.set(session, (this.resuming.get(session) ?? new Set()).add(connection));
  }

  endResume(session: SessionId, connection: Connection): void {
    const resuming = this.resuming.get(session);
    resuming?.delete(connection);
    if (resuming?.size === 0) this.resuming.delete(session);
  }

  /** Whether some socket, another than `except`, carries the session or is just resuming it. */
  isCarried(session: SessionId, except?: Connection): boolean {
    const carrier = this.attached.get(session);
    if (carrier && carrier !== except) return true;
    return [...(this.resuming.get(session) ?? [])].some(connection => connection !== except);
  }

  /** Of the attachment that is present here; 0 when there is none. */
  epochOf(session: SessionId): number {
    return this.attached.get(session)?.present?.attachment.epoch ?? 0;
  }

  /** A message from another node. */
  hear(message: InboxMessage): void {
    const { session } = message;
    const listeners = new Set(this.resuming.get(session));
    const carrier = this.attached.get(session);
    if (carrier) listeners.add(carrier);
    for (const connection of listeners) connection.hear(message);
  }
}
