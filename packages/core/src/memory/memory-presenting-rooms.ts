import type { PresentingRooms } from '../ports/presenting-rooms.js';

type Order<Method extends keyof PresentingRooms> = Parameters<PresentingRooms[Method]>[0];

export class MemoryPresentingRooms implements PresentingRooms {
  private readonly rooms = new Map<string, Map<string, number>>();

  async take({ identity, room, max, ttlMs }: Order<'take'>): Promise<boolean> {
    const all = this.rooms.get(identity) ?? new Map<string, number>();
    for (const [name, untilMs] of all) if (untilMs <= Date.now()) all.delete(name);
    if (!all.has(room) && all.size >= max) return false;
    all.set(room, Date.now() + ttlMs);
    this.rooms.set(identity, all);
    return true;
  }

  async giveBack({ identity, room }: Order<'giveBack'>): Promise<void> {
    this.rooms.get(identity)?.delete(room);
  }
}
