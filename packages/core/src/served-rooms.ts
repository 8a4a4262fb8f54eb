import type { NodeId, RoomName } from '@manycast/protocol';
import type { RoomEvent } from './domain/event.js';
import type { NodeRegistry } from './ports/node-registry.js';
import type { RoomEvents, Subscription } from './ports/room-events.js';

/**
 * The rooms that this node has members of. A room is entered in the registry before anything is written there, so
 * that a controller finds what a dead node leaves behind, and its events are subscribed to.
 */
export class ServedRooms {
  private readonly members = new Map<RoomName, { count: number; entered: Promise<void> }>();

  constructor(
    private readonly node: NodeId,
    private readonly registry: NodeRegistry,
    private readonly events: RoomEvents,
    private readonly onExitFailed: (room: RoomName, error: unknown) => void,
  ) {}

  /** Throws SignalError `unavailable`. The returned subscription's `close` takes this member out again. */
  async enter(room: RoomName, listener: (event: RoomEvent) => void): Promise<Subscription> {
    const served = this.members.get(room) ?? { count: 0, entered: this.registry.enter(this.node, room) };
    served.count += 1;
    this.members.set(room, served);
    try {
      const [subscription] = await Promise.all([this.events.subscribe(room, listener), served.entered]);
      return new Member(subscription, room, this.exit);
    } catch (error) {
      this.exit(room);
      throw error;
    }
  }

  get size(): number {
    return this.members.size;
  }

  /** Every room with members here; for a Redis that came back empty. */
  async enterAgain(): Promise<void> {
    await Promise.all([...this.members.keys()].map(room => this.registry.enter(this.node, room)));
  }

  private readonly exit = (room: RoomName): void => {
    const served = this.members.get(room);
    if (!served) return;
    served.count -= 1;
    if (served.count > 0) return;
    this.members.delete(room);
    // What stays in the registry by a failure costs a controller one look at a room without members of this node.
    this.registry.exit(this.node, room).catch(error => this.onExitFailed(room, error));
  };
}

/** A class, because a closure holds whatever its scope does, for each client as long as it is there. */
class Member implements Subscription {
  private isOpen = true;

  constructor(
    private readonly subscription: Subscription,
    private readonly room: RoomName,
    private readonly exit: (room: RoomName) => void,
  ) {}

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.subscription.close();
    this.exit(this.room);
  }
}
