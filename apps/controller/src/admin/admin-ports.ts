import type { NodeRegistry, PoolStore, RoomStore } from '@manycast/core';

/** What the resources of the admin API work with. */
export interface AdminPorts {
  rooms: RoomStore;
  pool: PoolStore;
  registry: NodeRegistry;
}
