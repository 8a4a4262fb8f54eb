export { type ChatStoreUnderTest, describeChatStore } from './chat-store.contract.js';
export { type MemoryCluster, memoryCluster, newAttempt, sdpOffer } from './memory-cluster.js';
export { describeNodeRegistry } from './node-registry.contract.js';
export { describePoolStore, type PoolStoreUnderTest } from './pool-store.contract.js';
export { describeRoomStore, type RoomStoreUnderTest } from './room-store.contract.js';
export { describeTokenLedger } from './token-ledger.contract.js';
export { describeWebhookOutbox, type WebhookOutboxUnderTest } from './webhook-outbox.contract.js';
export { describeDeadLetters, describeDeliveryLog } from './webhook-records.contract.js';
