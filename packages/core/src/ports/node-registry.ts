import type { NodeId, RoomName } from '@manycast/protocol';

/**
 * Which nodes live, and which rooms each one serves. A node enters a room before it writes anything there, so that
 * what it leaves behind can be found. All idempotent; SignalError `unavailable` when it cannot be asked.
 */
export interface NodeRegistry {
  /**
   * Renews the node's lease. `address`: where clients reach this very node, if they do. `begun` when the lease was
   * over, or the node was taken for dead since the last beat: what it had may have been detached.
   */
  beat(node: NodeId, leaseMs: number, address?: string): Promise<'renewed' | 'begun'>;
  /** Of a node without a lease it begins a first one: whatever it serves is found when it dies. */
  enter(node: NodeId, room: RoomName): Promise<void>;
  exit(node: NodeId, room: RoomName): Promise<void>;
  live(): Promise<NodeId[]>;
  /** Of the living nodes that have one. */
  addresses(): Promise<string[]>;
  /** Nodes whose lease is over and whose rooms nobody has cleared yet. */
  expired(): Promise<NodeId[]>;
  rooms(node: NodeId): Promise<RoomName[]>;
  /** The node's rooms are cleared. A node that has renewed its lease meanwhile keeps them, and learns of it at its next beat. */
  forget(node: NodeId): Promise<void>;
}
