import type {
  ChatStore,
  Expelling,
  MediaInspector,
  NodeRegistry,
  RelocationQueue,
  RoomDirectory,
  RoomOptionsStore,
  ServerRegistry,
  SessionJournal,
  TokenLedger,
} from '@manycast/core';
import type { WebhookDesk } from '../webhooks/webhook-desk.js';

/** What the resources of the admin API work with. */
export interface AdminPorts extends Expelling {
  registry: NodeRegistry;
  servers: ServerRegistry;
  relocations: RelocationQueue;
  ledger: TokenLedger;
  chat: ChatStore;
  directory: RoomDirectory;
  options: RoomOptionsStore;
  webhooks: WebhookDesk;
  inspector: MediaInspector;
  journal: SessionJournal;
}
