import type { Expelling, NodeRegistry, TokenLedger } from '@manycast/core';

/** What the resources of the admin API work with. */
export interface AdminPorts extends Expelling {
  registry: NodeRegistry;
  ledger: TokenLedger;
}
