import type { Random } from './backoff.js';

/** The addresses of a cluster, in an order of this client's own: the audience of a lost node spreads over the others. */
export interface NodeList {
  /** The address to try next: never the one before, where there is another. */
  next(): string;
  /** Addresses that a node told of; what is known already is not added again. */
  add(addresses: readonly string[]): void;
}

export function createNodeList(addresses: readonly string[], room: string, random: Random): NodeList {
  const order = addresses.map(address => signalingUrl(address, room));
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as string, order[last] as string];
  }
  let used = -1;
  return {
    add: others => {
      for (const url of others.map(address => signalingUrl(address, room))) {
        if (!order.includes(url)) order.push(url);
      }
    },
    next: () => {
      used = (used + 1) % order.length;
      return order[used] as string;
    },
  };
}

/**
 * `https://host` → `wss://host/one2many?room=ROOM`. A path is kept: there may be a proxy's prefix before the node's.
 * The room is in the address because a session, and its token, are bound to it before the first offer.
 * Throws TypeError when it is no address.
 */
export function signalingUrl(address: string, room: string): string {
  const url = new URL(address);
  url.protocol = url.protocol.replace(/^http/, 'ws');
  url.hash = '';
  if (!/^wss?:$/.test(url.protocol)) throw new TypeError(`${address} is no WebSocket address`);
  if (url.pathname === '/') url.pathname = '/one2many';
  url.searchParams.set('room', room);
  return url.href;
}
