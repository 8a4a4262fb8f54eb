import type { RoomEvent } from '@manycast/core';
import type { ServerMessage } from '@manycast/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { RoomDelivery } from './room-delivery.js';

const live = (seq: number, generation = seq): RoomEvent => ({ type: 'presenter-live', generation, seq });
const left = (seq: number, generation = seq): RoomEvent => ({ type: 'presenter-left', generation, seq });

describe('a room’s events on their way to a client', () => {
  let sent: ServerMessage[];
  let orders: string[];
  let delivery: RoomDelivery;
  const numbers = () => sent.flatMap(message => (message.id === 'room' ? [message.seq] : []));

  beforeEach(() => {
    sent = [];
    orders = [];
    delivery = new RoomDelivery({
      speech: 'manycast.v1',
      send: message => sent.push(message),
      onPresenterLeft: generation => orders.push(`left ${generation}`),
      onPresenterLive: generation => orders.push(`live ${generation}`),
    });
  });

  it('wait while it joins, and count from its answer', () => {
    for (const event of [live(4), live(5, 5), left(6, 5)]) delivery.onRoomEvent(event);
    expect([sent, orders]).toEqual([[], []]);
    expect(delivery.isEnded(5)).toBe(true);
    delivery.start(5, 5);
    expect(numbers()).toEqual([5, 6]);
    expect(orders).toEqual(['left 5']);
  });

  it('[R-BUS-1] none is skipped when a client that is there joins a newer broadcast', () => {
    delivery.start(1, 1);
    delivery.start(3, 3);
    for (const event of [live(2), live(3)]) delivery.onRoomEvent(event);
    expect(numbers()).toEqual([1, 2, 3]);
  });

  it('a broadcast that became live while it joined an older one again is heard of', () => {
    delivery.startAfter(1);
    delivery.onRoomEvent(live(2));
    orders = [];
    delivery.start(1, 1);
    expect(orders).toEqual(['live 2']);
  });

  it('[R-BUS-1] what is lost for good is said, once', () => {
    delivery.start(1, 1);
    for (const event of [live(5), live(6)]) delivery.onRoomEvent(event);
    expect(sent.slice(1)).toMatchObject([
      { id: 'gap', seq: 4 },
      { id: 'room', seq: 5 },
      { id: 'room', seq: 6 },
    ]);
  });

  it('[R-BUS-1] come once however often the bus delivers them', () => {
    delivery.start(1, 1);
    for (const event of [live(1), live(2), live(2), live(1)]) delivery.onRoomEvent(event);
    expect(numbers()).toEqual([1, 2]);
  });
});
