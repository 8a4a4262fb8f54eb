import type { Role } from './page-state.js';

export const defaultRoomName = 'default';
/** The server's rule for a room's name, known here so that a mistyped one is told before anything is asked. */
const roomNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const isRoomName = (name: string): boolean => roomNamePattern.test(name);

/** What the page's own address says: `?room=NAME&role=viewer|presenter&node=ws://host:port&token=JWT`. */
export interface PageAddress {
  room: string;
  /** Start at once in this role; `undefined` waits for a button. */
  role: Role | undefined;
  /** `undefined`: the `node` parameter is no address. */
  serverUrl: string | undefined;
  /** The join token, for a cluster that asks for one. */
  token: string | undefined;
}

export function readPageAddress(href: string): PageAddress {
  const page = new URL(href);
  const role = page.searchParams.get('role');
  return {
    room: page.searchParams.get('room')?.trim() || defaultRoomName,
    role: role === 'viewer' || role === 'presenter' ? role : undefined,
    serverUrl: signalingUrl(page),
    token: tokenIn(page),
  };
}

/** `#token=` reaches no server and no log; `?token=` is for whoever cannot write that. */
function tokenIn({ hash, searchParams }: URL): string | undefined {
  const written = new URLSearchParams(hash.slice(1)).get('token') ?? searchParams.get('token');
  return written?.trim() || undefined;
}

/** Beside the page unless `?node=` names another node; `http` addresses are taken for their `ws` twins. */
function signalingUrl(page: URL): string | undefined {
  const node = page.searchParams.get('node')?.trim();
  const address = node ? node.replace(/\/*$/, '/') : page.href;
  if (!URL.canParse(address)) return undefined;
  const base = new URL(address);
  if (!/^(ws|http)s?:$/.test(base.protocol)) return undefined;
  const url = new URL('one2many', base);
  url.search = '';
  url.hash = '';
  url.protocol = /^(wss|https):$/.test(base.protocol) ? 'wss:' : 'ws:';
  return url.href;
}

/** The page's address after its visitor named another room; what else it said stays. */
export function withRoom(href: string, room: string): string {
  const page = new URL(href);
  page.searchParams.set('room', room);
  return page.href;
}

/** What a presenter hands to the audience: opens the room and starts to watch. */
export function viewerLink(href: string, room: string): string {
  const page = new URL(withRoom(href, room));
  page.searchParams.set('role', 'viewer');
  // The presenter's own token is nobody else's business.
  page.searchParams.delete('token');
  page.hash = '';
  return page.href;
}
