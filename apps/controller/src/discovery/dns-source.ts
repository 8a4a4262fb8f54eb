import { Resolver } from 'node:dns/promises';
import { asMediaServerUrl, type MediaServerUrl } from '@manycast/protocol';

/**
 * A name that stands for media servers: `dns+ws://media:8888/kurento`, whose addresses they are, or
 * `srv+ws://_kurento._tcp.media/kurento`, whose targets and ports they are; `wss` likewise.
 */
export interface DnsSource {
  kind: 'dns' | 'srv';
  scheme: 'ws' | 'wss';
  name: string;
  /** With its colon; empty for `srv`. */
  port: string;
  path: string;
}

/** What a look at a source found. `ttlMs`: how long that is good for, as DNS says; undefined where it does not. */
export interface Found {
  servers: MediaServerUrl[];
  ttlMs: number | undefined;
}

export function parseDnsSource(text: string): DnsSource | null {
  const [, kind, scheme, name, port = '', path = '/'] =
    /^(dns|srv)\+(wss?):\/\/([\w.-]+)(:\d+)?(\/[^\s#]*)?$/.exec(text) ?? [];
  if (!kind || !scheme || !name || (kind === 'srv') === Boolean(port)) return null;
  return { kind: kind as DnsSource['kind'], scheme: scheme as DnsSource['scheme'], name, port, path };
}

export type LookUp = (source: DnsSource) => Promise<Found>;

/** Asks these servers, or those of the system. What is not there, or cannot be asked, throws. */
export function lookUpWith(dnsServers: string[], timeoutMs = 2_000): LookUp {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
  if (dnsServers.length > 0) resolver.setServers(dnsServers);
  return async ({ kind, scheme, name, port, path }) => {
    if (kind === 'srv') {
      const targets = await resolver.resolveSrv(name);
      const servers = targets.map(target => `${scheme}://${target.name}:${target.port}${path}`);
      // Node tells no TTL of these records.
      return { servers: servers.map(asMediaServerUrl), ttlMs: undefined };
    }
    const [four, six] = await Promise.allSettled([
      resolver.resolve4(name, { ttl: true }),
      resolver.resolve6(name, { ttl: true }),
    ]);
    if (four.status === 'rejected' && six.status === 'rejected') throw four.reason;
    const records = [four, six].flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []));
    const hosts = records.map(({ address }) => (address.includes(':') ? `[${address}]` : address));
    return {
      servers: hosts.map(host => asMediaServerUrl(`${scheme}://${host}${port}${path}`)),
      ttlMs: records.length > 0 ? Math.min(...records.map(({ ttl }) => ttl)) * 1_000 : undefined,
    };
  };
}
