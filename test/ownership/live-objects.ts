import { RoomName } from '@manycast/protocol';
import type { Cluster } from '../support/cluster.js';
import type { openStores } from '../support/cluster-stores.js';
import { KurentoSession } from '../support/kurento-session.js';

/** What Redis says is live and what the media servers have: the same, or something is orphaned or missing (R-OWN-6). */
export interface LiveObjects {
  /** Of the rooms asked for, as `server pipeline endpoint`; a session that has none yet is `joining SESSION`. */
  sessions: string[];
  /** Of all media servers. */
  endpoints: string[];
}

/**
 * Asks for everything there is, which makes a media server hold on to it for a collection period: for the end of a
 * test, not for its middle.
 */
export async function liveObjects(
  cluster: Cluster,
  stores: Awaited<ReturnType<typeof openStores>>,
  rooms: Iterable<string>,
): Promise<LiveObjects> {
  const sessions: string[] = [];
  for (const room of rooms) {
    const view = await stores.rooms.read(RoomName.parse(room));
    for (const [id, { media }] of view.sessions) {
      // A real Kurento names an endpoint with its pipeline's id in front; either way the id is whole.
      sessions.push(media ? `${media.server} ${media.endpoint}` : `joining ${id}`);
    }
  }
  const endpoints: string[] = [];
  for (const [index, { url }] of cluster.media.entries()) {
    const server = cluster.gates[index]?.url;
    const session = await KurentoSession.open(url);
    const pipelines: string[] = await session.invoke('manager_ServerManager', 'getPipelines');
    for (const pipeline of pipelines) {
      const children: string[] = await session.invoke(pipeline, 'getChildren');
      endpoints.push(...children.map(endpoint => `${server} ${endpoint}`));
      if (children.length === 0) endpoints.push(`${server} ${pipeline} (empty)`);
    }
    await session.call('closeSession');
    await session.drop();
  }
  return { sessions: sessions.sort(), endpoints: endpoints.sort() };
}
