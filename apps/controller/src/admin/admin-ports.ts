import type { NodeRegistry, PoolStore, RoomStore, TokenLedger } from '@manycast/core';

/** What the resources of the admin API work with. */
export interface AdminPorts {
  rooms: RoomStore;
  pool: PoolStore;
  registry: NodeRegistry;
  ledger: TokenLedger;
}
