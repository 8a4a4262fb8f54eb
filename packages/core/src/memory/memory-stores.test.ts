import { describePoolStore } from '../contracts/pool-store.contract.js';
import { describeRoomStore } from '../contracts/room-store.contract.js';
import { MemoryPoolStore } from './memory-pool-store.js';
import { MemoryRoomEvents } from './memory-room-events.js';
import { MemoryRoomStore } from './memory-room-store.js';

describeRoomStore('memory', async () => {
  const events = new MemoryRoomEvents();
  return {
    rooms: new MemoryRoomStore(events, { claimMs: 100, now: Date.now }),
    events,
    claimMs: 100,
    close: async () => {},
  };
});

describePoolStore('memory', async () => ({
  pool: new MemoryPoolStore({ reservationMs: 100, now: Date.now }),
  reservationMs: 100,
}));
