import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import proxyAddr from 'proxy-addr';

export type AddressOf = (request: IncomingMessage) => string;

/**
 * Who a request comes from: its socket's address, or, where that is a trusted proxy's, what `X-Forwarded-For` says,
 * read from its end up to the first address that is not trusted. `trusted`: addresses, networks such as `10.0.0.0/8`,
 * or `loopback`, `linklocal`, `uniquelocal`. Throws TypeError when one of them is none of these.
 */
export function clientAddress(trusted: readonly string[]): AddressOf {
  const isTrusted = proxyAddr.compile([...trusted]);
  return request => asOneClient(proxyAddr(request, isTrusted) ?? '');
}

/** What is counted as one: an IPv4 address, or the network of an IPv6 address, since a client has a whole /64 of them. */
export function asOneClient(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const [a = 0, b = 0, c = 0, d = 0] = (parsed as ipaddr.IPv6).parts;
  return `${[a, b, c, d].map(part => part.toString(16)).join(':')}::/64`;
}

/** Whether `clientAddress` takes them. */
export function isProxyList(trusted: readonly string[]): boolean {
  try {
    proxyAddr.compile([...trusted]);
    return true;
  } catch {
    return false;
  }
}
