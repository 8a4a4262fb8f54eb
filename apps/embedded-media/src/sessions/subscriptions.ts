import { randomUUID } from 'node:crypto';
import type { ObjectId, SessionId } from './ids.js';

interface Subscription {
  session: SessionId;
  eventType: string;
}

/**
 * Who wants to hear of which events of an object. Belongs to the session, not to its socket. A session that
 * subscribes twice to the same event is told of it once, until it has taken back both subscriptions.
 */
export class Subscriptions {
  readonly #byObject = new Map<ObjectId, Map<string, Subscription>>();

  add(session: SessionId, object: ObjectId, eventType: string): string {
    const id = randomUUID();
    const ofObject = this.#byObject.get(object) ?? new Map<string, Subscription>();
    this.#byObject.set(object, ofObject.set(id, { session, eventType }));
    return id;
  }

  /** Does nothing unless the subscription is that session's own, on that object. */
  remove(session: SessionId, object: ObjectId, id: string): void {
    const ofObject = this.#byObject.get(object);
    if (ofObject?.get(id)?.session === session) ofObject.delete(id);
    if (ofObject?.size === 0) this.#byObject.delete(object);
  }

  /** The session has let go of the object. */
  drop(session: SessionId, object: ObjectId): void {
    const ofObject = this.#byObject.get(object);
    for (const [id, subscription] of ofObject ?? []) {
      if (subscription.session === session) ofObject?.delete(id);
    }
    if (ofObject?.size === 0) this.#byObject.delete(object);
  }

  sessionsFor(object: ObjectId, eventType: string): SessionId[] {
    const sessions = new Set<SessionId>();
    for (const subscription of this.#byObject.get(object)?.values() ?? []) {
      if (subscription.eventType === eventType) sessions.add(subscription.session);
    }
    return [...sessions];
  }

  get objectCount(): number {
    return this.#byObject.size;
  }
}
