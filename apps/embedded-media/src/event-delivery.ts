import { eventNotification, type MediaEvent, namesOf } from './objects/media-event.js';
import type { SessionId } from './sessions/ids.js';
import type { Subscriptions } from './sessions/subscriptions.js';

export type SendToSession = (session: SessionId, notification: string) => void;

/**
 * Brings events to the sessions that subscribed to them, in the order in which they happened, after the request
 * that caused them was dealt with. Who is told is settled when the event happens; whether a socket is there to
 * tell it to, when it is sent: nothing is kept for a session without one.
 */
export class EventDelivery {
  readonly #waiting: { session: SessionId; notification: string }[] = [];
  #isScheduled = false;

  constructor(
    readonly subscriptions: Subscriptions,
    readonly send: SendToSession,
  ) {}

  post(event: MediaEvent): void {
    const nowMs = Date.now();
    for (const name of namesOf(event.type)) {
      const sessions = this.subscriptions.sessionsFor(event.source.id, name);
      if (sessions.length === 0) continue;
      const notification = eventNotification(event, name, nowMs);
      for (const session of sessions) this.#waiting.push({ session, notification });
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      for (const { session, notification } of this.#waiting.splice(0)) this.send(session, notification);
    });
  }
}
