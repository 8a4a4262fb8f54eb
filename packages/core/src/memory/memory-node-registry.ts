import type { NodeId, RoomName } from '@manycast/protocol';
import type { NodeRegistry } from '../ports/node-registry.js';

/** Leases of nodes that live in one process. */
export class MemoryNodeRegistry implements NodeRegistry {
  private readonly leases = new Map<NodeId, number>();
  private readonly addressOf = new Map<NodeId, string>();
  private readonly served = new Map<NodeId, Set<RoomName>>();
  private readonly doubted = new Set<NodeId>();

  constructor(private readonly now: () => number) {}

  async beat(node: NodeId, leaseMs: number, address?: string): Promise<'renewed' | 'begun'> {
    const isHeld = (this.leases.get(node) ?? 0) > this.now();
    this.leases.set(node, this.now() + leaseMs);
    if (address) this.addressOf.set(node, address);
    return this.doubted.delete(node) || !isHeld ? 'begun' : 'renewed';
  }

  async enter(node: NodeId, room: RoomName): Promise<void> {
    if (!this.leases.has(node)) {
      this.leases.set(node, this.now() + 10_000);
      this.doubted.add(node);
    }
    this.served.set(node, (this.served.get(node) ?? new Set()).add(room));
  }

  async exit(node: NodeId, room: RoomName): Promise<void> {
    this.served.get(node)?.delete(room);
  }

  async live(): Promise<NodeId[]> {
    return this.nodes(untilMs => untilMs > this.now());
  }

  async addresses(): Promise<string[]> {
    return (await this.live()).map(node => this.addressOf.get(node)).filter(address => address !== undefined);
  }

  async expired(): Promise<NodeId[]> {
    return this.nodes(untilMs => untilMs <= this.now());
  }

  async rooms(node: NodeId): Promise<RoomName[]> {
    return [...(this.served.get(node) ?? [])];
  }

  async forget(node: NodeId): Promise<void> {
    if ((this.leases.get(node) ?? 0) > this.now()) return void this.doubted.add(node);
    this.leases.delete(node);
    this.served.delete(node);
  }

  private nodes(matches: (untilMs: number) => boolean): NodeId[] {
    return [...this.leases].filter(([, untilMs]) => matches(untilMs)).map(([node]) => node);
  }
}
