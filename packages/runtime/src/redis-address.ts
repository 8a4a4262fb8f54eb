import { z } from 'zod';

export interface HostPort {
  host: string;
  port: number;
}

/** Where Redis is, as one text says it. User, password and `db` are those of the Redis servers; sentinels have none. */
export type RedisAddress = { isTls: boolean; username?: string; password?: string } & (
  | { kind: 'single'; host: HostPort; db: number }
  /** The master that these sentinels know by that name; another one after a failover. */
  | { kind: 'sentinel'; sentinels: HostPort[]; master: string; db: number }
  /** A Redis Cluster, with some of its nodes. */
  | { kind: 'cluster'; nodes: HostPort[] }
);

const form =
  /^(?<scheme>rediss?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?(?<hosts>[^@/?]+)(?:\/(?<path>[^/?]*))?(?:\?db=(?<db>\d{1,4}))?$/;
const hostForm = /^(?<host>\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(?<port>\d{1,5}))?$/;

const defaultPorts = { single: 6379, cluster: 6379, sentinel: 26379 };

/** Undefined when it is none. */
export function readRedisAddress(text: string): RedisAddress | undefined {
  const { scheme, kind = 'single', user, password, hosts, path = '', db } = form.exec(text)?.groups ?? {};
  if (!scheme || !hosts) return undefined;
  const login = {
    isTls: scheme === 'rediss',
    ...(user && { username: decodeURIComponent(user) }),
    ...(password && { password: decodeURIComponent(password) }),
  };
  const list = hosts.split(',').map(host => readHost(host, defaultPorts[kind as keyof typeof defaultPorts]));
  if (!list.every(host => host !== undefined)) return undefined;
  const [first, ...others] = list;
  switch (kind) {
    case 'sentinel':
      return path === '' ? undefined : { ...login, kind, sentinels: list, master: path, db: Number(db ?? 0) };
    case 'cluster':
      return path === '' && !db ? { ...login, kind, nodes: list } : undefined;
    default:
      if (!first || others.length > 0 || !/^\d{0,4}$/.test(path) || (path && db)) return undefined;
      return { ...login, kind: 'single', host: first, db: Number(path || (db ?? 0)) };
  }
}

function readHost(text: string, defaultPort: number): HostPort | undefined {
  const { host, port } = hostForm.exec(text)?.groups ?? {};
  if (!host || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? defaultPort) };
}

/** The same text without its password: for messages and logs. */
export const withoutPassword = (address: string): string =>
  address.replace(/(:\/\/[^:@/?]*:)[^@/?]*@/, '$1***@');

/** A setting that says where Redis is. */
export const redisAddress = z
  .string()
  .refine(
    text => readRedisAddress(text) !== undefined,
    'must be redis://host:6379, redis+sentinel://host:26379,…/master or redis+cluster://host:6379,… (rediss for TLS)',
  );
