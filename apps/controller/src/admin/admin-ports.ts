import type { Expelling, NodeRegistry, TokenLedger } from '@manycast/core';
import type { WebhookDesk } from '../webhooks/webhook-desk.js';

/** What the resources of the admin API work with. */
export interface AdminPorts extends Expelling {
  registry: NodeRegistry;
  ledger: TokenLedger;
  webhooks: WebhookDesk;
}
