import { randomUUID } from 'node:crypto';
import {
  asMediaServerUrl,
  asNodeId,
  asSessionId,
  RoomName,
  RoomPattern,
  type SignalError,
} from '@manycast/protocol';
import type { Attempt } from '../attempt.js';
import { Authorizer, type AuthorizerOptions } from '../authorizer.js';
import type { Cluster } from '../cluster.js';
import { openGrants } from '../domain/grants.js';
import { noFailpoint } from '../failpoint.js';
import { MemoryBars } from '../memory/memory-bars.js';
import { MemoryChatStore } from '../memory/memory-chat-store.js';
import { MemoryChats } from '../memory/memory-chats.js';
import { MemoryMediaEngine } from '../memory/memory-media-engine.js';
import { MemoryNodeInbox } from '../memory/memory-node-inbox.js';
import { MemoryNodeRegistry } from '../memory/memory-node-registry.js';
import { MemoryPoolStore } from '../memory/memory-pool-store.js';
import { MemoryRoomEvents } from '../memory/memory-room-events.js';
import { MemoryRoomStore } from '../memory/memory-room-store.js';
import { MemoryServerRegistry } from '../memory/memory-server-registry.js';
import { MemorySessionJournal } from '../memory/memory-session-journal.js';
import { MemoryTokenLedger } from '../memory/memory-token-ledger.js';
import type { Expiry } from '../ports/expiry-queue.js';
import { PresenceHerald } from '../presence-herald.js';
import { ServedRooms } from '../served-rooms.js';
import { Undo } from '../undo.js';
import { bringUp } from './bring-up.js';

/** A whole cluster in this process, for tests of what stands on the ports. */
export interface MemoryCluster extends Cluster {
  rooms: MemoryRoomStore;
  pool: MemoryPoolStore;
  servers: MemoryServerRegistry;
  registry: MemoryNodeRegistry;
  inbox: MemoryNodeInbox;
  media: MemoryMediaEngine;
  ledger: MemoryTokenLedger;
  scheduled: (Expiry & { delayMs: number })[];
  givenUp: { what: string; error: SignalError }[];
}

export async function memoryCluster({
  capacity = 100,
  presenterWaitMs = 500,
  authorizer = {} as Partial<AuthorizerOptions>,
} = {}): Promise<MemoryCluster> {
  const events = new MemoryRoomEvents();
  const inbox = new MemoryNodeInbox();
  const chats = new MemoryChats(Date.now);
  const bars = new MemoryBars();
  const rooms = new MemoryRoomStore(events, inbox, { claimMs: 30_000, now: Date.now, chats, bars });
  const chat = new MemoryChatStore(rooms, chats, bars, inbox, Date.now);
  const registry = new MemoryNodeRegistry(Date.now);
  const pool = new MemoryPoolStore({ reservationMs: 60_000, now: Date.now });
  const servers = new MemoryServerRegistry(pool.state);
  await bringUp(servers, [{ url: asMediaServerUrl('ws://media-1/kurento'), capacity }]);
  const givenUp: MemoryCluster['givenUp'] = [];
  const scheduled: MemoryCluster['scheduled'] = [];
  const node = asNodeId('node-1');
  const ledger = new MemoryTokenLedger();
  const everywhere = RoomPattern.parse('*');
  return {
    node,
    ledger,
    authorizer: new Authorizer({
      tokens: null,
      ledger,
      openRooms: [everywhere],
      now: Date.now,
      ...authorizer,
    }),
    rooms,
    chat,
    feed: chats,
    presence: new PresenceHerald({ chat, onReport: async () => {} }),
    pool,
    servers,
    registry,
    inbox,
    served: new ServedRooms(node, registry, events, () => {}),
    media: new MemoryMediaEngine(),
    expiries: {
      schedule: async (expiry, delayMs) => void scheduled.push({ ...expiry, delayMs }),
    },
    undo: new Undo({
      giveUpAfterMs: 1_000,
      onRetry: () => {},
      onGivenUp: (what, error) => givenUp.push({ what, error }),
    }),
    journal: new MemorySessionJournal(),
    losses: { count: 0, isRecent: false },
    presenterWaitMs,
    placement: {},
    poolFullRetryMs: 5_000,
    isPoolUp: () => true,
    grace: { presenterMs: 60_000, viewerMs: 30_000 },
    switchover: { pictureMs: 0, connectMs: 600_000 },
    reach: noFailpoint,
    scheduled,
    givenUp,
  };
}

/** An attempt that notes what it hears. */
export function newAttempt(room = RoomName.parse(`room-${randomUUID()}`), as: Partial<Attempt> = {}) {
  const controller = new AbortController();
  const heard: string[] = [];
  const attempt: Attempt = {
    trace: 'a-trace',
    room,
    session: asSessionId(randomUUID()),
    node: asNodeId('node-1'),
    epoch: 1,
    speech: 'manycast.v1',
    grants: openGrants,
    signal: controller.signal,
    onEndpointEvent: event => heard.push(event.type),
    onRoomEvent: event => heard.push(event.type),
    ...as,
  };
  return Object.assign(attempt, { heard, giveUp: () => controller.abort() });
}

/** A minimal offer that a memory media server takes. */
export const sdpOffer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\na=ice-ufrag:mine\r\n';
