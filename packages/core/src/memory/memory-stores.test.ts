import { describeChatStore } from '../contracts/chat-store.contract.js';
import { describeNodeRegistry } from '../contracts/node-registry.contract.js';
import { describePoolStore } from '../contracts/pool-store.contract.js';
import { describePresentingRooms } from '../contracts/presenting-rooms.contract.js';
import { describeRoomDirectory } from '../contracts/room-directory.contract.js';
import { describeRoomStore } from '../contracts/room-store.contract.js';
import { describeServerRegistry } from '../contracts/server-registry.contract.js';
import { describeTokenLedger } from '../contracts/token-ledger.contract.js';
import { describeWebhookOutbox } from '../contracts/webhook-outbox.contract.js';
import { describeDeadLetters, describeDeliveryLog } from '../contracts/webhook-records.contract.js';
import { MemoryBars } from './memory-bars.js';
import { MemoryChatStore } from './memory-chat-store.js';
import { MemoryChats } from './memory-chats.js';
import { MemoryDeadLetters } from './memory-dead-letters.js';
import { MemoryDeliveryLog } from './memory-delivery-log.js';
import { MemoryNodeInbox } from './memory-node-inbox.js';
import { MemoryNodeRegistry } from './memory-node-registry.js';
import { MemoryPoolStore } from './memory-pool-store.js';
import { MemoryPresentingRooms } from './memory-presenting-rooms.js';
import { MemoryRoomDirectory } from './memory-room-directory.js';
import { MemoryRoomEvents } from './memory-room-events.js';
import { MemoryRoomStore } from './memory-room-store.js';
import { MemoryServerRegistry } from './memory-server-registry.js';
import { MemoryTokenLedger } from './memory-token-ledger.js';
import { MemoryWebhookOutbox } from './memory-webhook-outbox.js';

describeRoomStore('memory', async () => {
  const events = new MemoryRoomEvents();
  const inbox = new MemoryNodeInbox();
  const rooms = new MemoryRoomStore(events, inbox, { claimMs: 100, now: Date.now });
  return { rooms, events, inbox, claimMs: 100, close: async () => {} };
});

describeRoomDirectory('memory', async () => new MemoryRoomDirectory());

describeChatStore('memory', async () => {
  const settings = { afterglowMs: 150, transcriptMs: 60_000, kept: 20 };
  const chats = new MemoryChats(Date.now, settings);
  const bars = new MemoryBars();
  const inbox = new MemoryNodeInbox();
  const options = { claimMs: 1_000, now: Date.now, chats, bars };
  const events = new MemoryRoomEvents();
  const rooms = new MemoryRoomStore(events, inbox, options);
  const chat = new MemoryChatStore(rooms, chats, bars, inbox, Date.now);
  return { rooms, chat, feed: chats, inbox, events, ...settings, close: async () => {} };
});

describePoolStore('memory', async () => {
  const pool = new MemoryPoolStore({ reservationMs: 100, now: Date.now });
  return { pool, servers: new MemoryServerRegistry(pool.state), reservationMs: 100 };
});

describeServerRegistry('memory', async rules => {
  const pool = new MemoryPoolStore({ reservationMs: 60_000, now: Date.now });
  return { pool, servers: new MemoryServerRegistry(pool.state, rules) };
});

describeNodeRegistry('memory', async () => new MemoryNodeRegistry(Date.now));

describeTokenLedger('memory', async () => new MemoryTokenLedger());

describeWebhookOutbox('memory', async () => {
  const outbox = new MemoryWebhookOutbox();
  const options = { claimMs: 100, now: Date.now, outbox };
  const rooms = new MemoryRoomStore(new MemoryRoomEvents(), new MemoryNodeInbox(), options);
  return { rooms, outbox, demand: outbox };
});

describeDeadLetters('memory', async () => new MemoryDeadLetters({ kept: 5 }));

describeDeliveryLog('memory', 20, async () => new MemoryDeliveryLog({ kept: 20 }));
describePresentingRooms('memory', async () => new MemoryPresentingRooms());
