import type { MediaServerUrl } from '@manycast/protocol';
import type { NewServer, ServerRegistry, ServerSighting } from '../ports/server-registry.js';

/** Who watches in these tests, and has all the say. */
export const watch = { observer: 'watcher', leaseMs: 600_000 };

/** A server in good health; `life` is another after a restart. */
export const seen = (server: MediaServerUrl, life = 1): ServerSighting => ({
  server,
  isReachable: true,
  isWarm: true,
  serverId: `${server}#${life}`,
});

/** Makes servers known and has them seen. */
export async function bringUp(servers: ServerRegistry, list: NewServer[]): Promise<void> {
  await servers.add('static', list);
  await servers.observe({ ...watch, sightings: list.map(({ url }) => seen(url)) });
}

/** Another server at the same address: what was on the former is lost. */
export async function restart(servers: ServerRegistry, server: MediaServerUrl, life = 2): Promise<void> {
  await servers.observe({ ...watch, sightings: [seen(server, life)] });
}
