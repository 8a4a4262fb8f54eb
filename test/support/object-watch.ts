import type { KurentoSession } from './kurento-session.js';
import { waitFor } from './wait-for.js';

const SERVER_MANAGER = 'manager_ServerManager';

/**
 * Tells which media objects a server destroyed, without touching any of them: whoever asks for an object
 * holds it from then on. Events come in order, so a round trip after something happened shows it too.
 */
export class ObjectWatch {
  private constructor(private readonly observer: KurentoSession) {}

  static async start(observer: KurentoSession): Promise<ObjectWatch> {
    await observer.subscribe(SERVER_MANAGER, 'ObjectCreated');
    await observer.subscribe(SERVER_MANAGER, 'ObjectDestroyed');
    return new ObjectWatch(observer);
  }

  isDestroyed(object: string): boolean {
    return this.observer.socket
      .events('ObjectDestroyed', SERVER_MANAGER)
      .some(({ objectId }) => objectId === object);
  }

  isCreated(object: string): boolean {
    return this.observer.socket
      .events('ObjectCreated', SERVER_MANAGER)
      .some(created => created.object === object || created.objectId === object);
  }

  async untilDestroyed(object: string, timeoutMs = 2_000): Promise<void> {
    await waitFor(`${object} to be destroyed`, () => this.isDestroyed(object), { timeoutMs });
  }
}
