import type { Logger } from '@manycast/runtime';
import type { MediaEndpointEvents } from './media-endpoint.js';

type Listener<E extends keyof MediaEndpointEvents> = (value: MediaEndpointEvents[E]) => void;

/** The listeners of one endpoint. One that throws harms nobody else; after `close()` nothing is told. */
export class EndpointEvents {
  readonly #listeners = new Map<keyof MediaEndpointEvents, Set<Listener<never>>>();
  #isClosed = false;

  constructor(private readonly log: Logger) {}

  on<E extends keyof MediaEndpointEvents>(event: E, listener: Listener<E>): void {
    const listeners = this.#listeners.get(event);
    if (listeners) listeners.add(listener as Listener<never>);
    else this.#listeners.set(event, new Set([listener as Listener<never>]));
  }

  off<E extends keyof MediaEndpointEvents>(event: E, listener: Listener<E>): void {
    this.#listeners.get(event)?.delete(listener as Listener<never>);
  }

  /** Later, so that no caller is entered again from inside its own call. */
  emit<E extends keyof MediaEndpointEvents>(event: E, value: MediaEndpointEvents[E]): void {
    if (this.#isClosed || !this.#listeners.has(event)) return;
    setImmediate(() => {
      for (const listener of this.#listeners.get(event) ?? []) {
        if (this.#isClosed) return;
        try {
          (listener as Listener<E>)(value);
        } catch (error) {
          this.log.error({ err: error, event }, 'a listener failed');
        }
      }
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#listeners.clear();
  }
}
