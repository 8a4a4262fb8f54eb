import type { EndpointEvent, PublishOrder } from '@manycast/core';
import { asSessionId, type MediaServerUrl, RoomName } from '@manycast/protocol';

/** An order to publish that a scripted server takes; every one is of another session. */
export function publishOrder(server: MediaServerUrl, given: Partial<PublishOrder> = {}) {
  const events: EndpointEvent[] = [];
  const order: PublishOrder = {
    server,
    room: RoomName.parse('lobby'),
    session: asSessionId(`session-${++orders}`),
    generation: 1,
    sdpOffer: 'v=0\r\n',
    onEvent: event => events.push(event),
    ...given,
  };
  return { ...order, events };
}

let orders = 0;
