import type { RoomName } from '@manycast/protocol';
import type { RoomEvent } from '../domain/event.js';
import type { RoomEvents, Subscription } from '../ports/room-events.js';

/** The bus inside one process. Delivers on the next microtask, as late as a network would be. */
export class MemoryRoomEvents implements RoomEvents {
  private readonly listeners = new Map<RoomName, Set<(event: RoomEvent) => void>>();

  async subscribe(room: RoomName, listener: (event: RoomEvent) => void): Promise<Subscription> {
    const listeners = this.listeners.get(room) ?? new Set();
    this.listeners.set(room, listeners.add(listener));
    return {
      close: () => {
        listeners.delete(listener);
        if (listeners.size === 0 && this.listeners.get(room) === listeners) this.listeners.delete(room);
      },
    };
  }

  publish(room: RoomName, event: RoomEvent): void {
    queueMicrotask(() => {
      for (const listener of [...(this.listeners.get(room) ?? [])]) listener(event);
    });
  }
}
