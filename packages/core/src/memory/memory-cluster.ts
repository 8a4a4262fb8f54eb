import { randomUUID } from 'node:crypto';
import { asMediaServerUrl, asNodeId, asSessionId, RoomName, type SignalError } from '@manycast/protocol';
import type { Attempt } from '../attempt.js';
import type { Cluster } from '../cluster.js';
import { Undo } from '../undo.js';
import { MemoryMediaEngine } from './memory-media-engine.js';
import { MemoryPoolStore } from './memory-pool-store.js';
import { MemoryRoomEvents } from './memory-room-events.js';
import { MemoryRoomStore } from './memory-room-store.js';

/** A whole cluster in this process, for tests of what stands on the ports. */
export interface MemoryCluster extends Cluster {
  rooms: MemoryRoomStore;
  pool: MemoryPoolStore;
  events: MemoryRoomEvents;
  media: MemoryMediaEngine;
  givenUp: { what: string; error: SignalError }[];
}

export async function memoryCluster({ capacity = 100, presenterWaitMs = 500 } = {}): Promise<MemoryCluster> {
  const events = new MemoryRoomEvents();
  const pool = new MemoryPoolStore({ reservationMs: 60_000, now: Date.now });
  await pool.register([{ url: asMediaServerUrl('ws://media-1/kurento'), capacity }]);
  const givenUp: MemoryCluster['givenUp'] = [];
  return {
    node: asNodeId('node-1'),
    rooms: new MemoryRoomStore(events, { claimMs: 30_000, now: Date.now }),
    pool,
    events,
    media: new MemoryMediaEngine(),
    undo: new Undo({
      giveUpAfterMs: 1_000,
      onRetry: () => {},
      onGivenUp: (what, error) => givenUp.push({ what, error }),
    }),
    presenterWaitMs,
    poolFullRetryMs: 5_000,
    givenUp,
  };
}

/** An attempt that notes what it hears. */
export function newAttempt(room = RoomName.parse(`room-${randomUUID()}`)) {
  const controller = new AbortController();
  const heard: string[] = [];
  const attempt: Attempt = {
    room,
    session: asSessionId(randomUUID()),
    signal: controller.signal,
    onEndpointEvent: event => heard.push(event.type),
    onRoomEvent: event => heard.push(event.type),
  };
  return Object.assign(attempt, { heard, giveUp: () => controller.abort() });
}

/** A minimal offer that a memory media server takes. */
export const sdpOffer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n';
