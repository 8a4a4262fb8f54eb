import type { Random } from './backoff.js';

/** The addresses of a cluster, in an order of this client's own: the audience of a lost node spreads over the others. */
export interface NodeList {
  /** The address to try next: never the one before, where there is another. */
  next(): string;
  /**
   * What a node says of the nodes that live: instead of what was learnt before, beside what was given. What cannot be
   * opened from here is left out: a page over https may not use `ws`.
   */
  learn(addresses: readonly string[]): void;
}

/** Throws TypeError when one of the given addresses is none. */
export function createNodeList(addresses: readonly string[], room: string, random: Random): NodeList {
  const given: string[] = [];
  /** A place of its own for each client: all of them are told the same. */
  const putIn = (list: string[], url: string) =>
    list.splice(Math.floor(random() * (list.length + 1)), 0, url);
  for (const address of addresses) putIn(given, signalingUrl(address, room));

  const readable = (address: string): string[] => {
    try {
      return [signalingUrl(address, room)];
    } catch {
      return [];
    }
  };
  let order = given;
  let used: string | undefined;
  const isSecure = given.every(url => url.startsWith('wss:'));

  function learn(others: readonly string[]) {
    const learnt = others.flatMap(readable).filter(url => !isSecure || url.startsWith('wss:'));
    order = order.filter(url => given.includes(url) || learnt.includes(url));
    for (const url of learnt) if (!order.includes(url)) putIn(order, url);
  }

  return {
    next: () => {
      used = order[(order.indexOf(used as string) + 1) % order.length] as string;
      return used;
    },
    learn,
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
