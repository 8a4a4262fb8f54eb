import { asSessionId, RoomName } from '@manycast/protocol';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { Cluster, type ClusterOptions } from '../support/cluster.js';
import { openStores } from '../support/cluster-stores.js';
import type { Json } from '../support/kurento-rpc.js';
import { printLogOnFailure } from '../support/print-log-on-failure.js';
import { ResumingClient } from '../support/resuming-client.js';
import type { SignalingNode } from '../support/signaling-node.js';
import { TutorialPage } from '../support/tutorial-page.js';
import { waitFor } from '../support/wait-for.js';
import { WireClient } from '../support/wire-client.js';
import { liveObjects } from './live-objects.js';

/** Rules allow 30 s after the last fault (R-OWN-6). */
const settleMs = 30_000;
/** A tutorial page without a node is missed when ICE consent expires, and then the other rules apply. */
const absenceMs = 60_000;
export const collectorPeriodMs = 4_000;

/** Short grace periods and quick looks, so that what must happen after them can be waited for. */
export const quick = (graceMs: number): Pick<ClusterOptions, 'env' | 'controllerEnv'> => {
  const grace = { MANYCAST_PRESENTER_GRACE_MS: String(graceMs), MANYCAST_VIEWER_GRACE_MS: String(graceMs) };
  return {
    env: grace,
    controllerEnv: {
      ...grace,
      MANYCAST_RECONCILE_MS: '500',
      MANYCAST_ORPHAN_MS: '4000',
      MANYCAST_SETTLE_MS: '1000',
    },
  };
};

let rooms = 0;

/**
 * A cluster whose nodes a case may kill. After every case its clients go, dead nodes are replaced, and then what the
 * media servers have must be exactly what Redis knows: nothing.
 */
export class OwnershipStage {
  #cluster: Cluster | undefined;
  #stores: Awaited<ReturnType<typeof openStores>> | undefined;
  readonly #options: ClusterOptions;
  readonly #rooms = new Set<string>();
  readonly #clients: ResumingClient[] = [];
  readonly #pages: TutorialPage[] = [];
  #mayLoseEvents = false;

  constructor(options: ClusterOptions = {}) {
    this.#options = { nodes: 3, mediaServers: 1, controllers: 1, collectorPeriodMs, ...options };
    printLogOnFailure(() => [
      ...(this.#cluster?.nodes.map(({ process }) => process) ?? []),
      ...(this.#cluster?.controllers.map(({ process }) => process) ?? []),
      ...(this.#cluster?.media.map(({ process }) => process) ?? []),
    ]);
    beforeAll(async () => {
      this.#cluster = await Cluster.start(this.#options);
      this.#stores = await openStores(this.#cluster.redis.url);
    });
    afterEach(() => this.#clear());
    afterAll(async () => {
      this.#stores?.close();
      expect(await this.#cluster?.stop()).toEqual([]);
    });
  }

  get cluster(): Cluster {
    if (!this.#cluster) throw new Error('the cluster runs only while the cases of its describe run');
    return this.#cluster;
  }

  get stores(): Awaited<ReturnType<typeof openStores>> {
    if (!this.#stores) throw new Error('the stores are open only while the cases of their describe run');
    return this.#stores;
  }

  node(index: number): SignalingNode {
    const { nodes } = this.cluster;
    return nodes[index % nodes.length] as SignalingNode;
  }

  /** In this case Redis loses its data: clients may be told that events are lost. */
  allowLostEvents(): void {
    this.#mayLoseEvents = true;
  }

  newRoom(): string {
    const room = `owned-${++rooms}`;
    this.#rooms.add(room);
    return room;
  }

  /** A client of `manycast.v1` on this node, welcomed. */
  async client(role: 'presenter' | 'viewer', node: SignalingNode, room: string): Promise<ResumingClient> {
    const client = await ResumingClient.open(role, node.wsUrl('/one2many'), room);
    this.#clients.push(client);
    return client;
  }

  async joined(role: 'presenter' | 'viewer', node: SignalingNode, room: string): Promise<ResumingClient> {
    const client = await this.client(role, node, room);
    await client.join();
    return client;
  }

  /** An unmodified page of the tutorial. */
  async page(node: SignalingNode): Promise<TutorialPage> {
    const page = new TutorialPage(await WireClient.open(node.wsUrl('/one2many')));
    this.#pages.push(page);
    return page;
  }

  /** The endpoint that Redis says a session has. */
  async endpointOf({ room, session }: ResumingClient): Promise<string | undefined> {
    const stored = await this.stores.rooms.session(RoomName.parse(room), asSessionId(session));
    return stored?.media?.endpoint;
  }

  async roomView(room: string) {
    return this.stores.rooms.read(RoomName.parse(room));
  }

  /** Resolves when what the media servers have is what Redis knows. */
  async untilExact(timeoutMs = settleMs): Promise<void> {
    let seen: Json;
    await waitFor(
      'the objects on the media servers to be those of the live sessions',
      async () => {
        const counted = await this.cluster.figures();
        const views = await Promise.all([...this.#rooms].map(room => this.roomView(room)));
        const sessions = views.flatMap(view => [...view.sessions.values()]);
        const pipelines = views.filter(({ media }) => media).length;
        seen = { sessions: sessions.length, pipelines, counted };
        return (
          sessions.every(({ media }) => media) &&
          sessions.length === counted.endpoints &&
          pipelines === counted.pipelines
        );
      },
      { timeoutMs, intervalMs: 100, actual: () => seen },
    );
    const { sessions, endpoints } = await liveObjects(this.cluster, this.stores, this.#rooms);
    expect(endpoints).toEqual(sessions);
  }

  async #clear(): Promise<void> {
    const faults = this.#clients.flatMap(client => client.faults);
    if (!this.#mayLoseEvents)
      faults.push(...this.#clients.flatMap(({ gaps }) => gaps.map(seq => `lost up to ${seq}`)));
    this.#mayLoseEvents = false;
    for (const client of this.#clients.splice(0)) {
      // Those that can say so leave; for the others it is as if their browser had crashed.
      if (client.hasOpenSocket) await client.leave();
      else client.vanish();
    }
    for (const page of this.#pages.splice(0)) {
      page.peer?.close();
      page.wire.ws.terminate();
    }
    const { nodes = 0, controllers = 0 } = this.#options;
    const { cluster } = this;
    // What a case that failed left behind must not fail the next one.
    for (const dead of [...cluster.nodes, ...cluster.controllers].filter(
      ({ process }) => !process.isRunning(),
    ))
      cluster.forget(dead);
    while (cluster.nodes.length < nodes) await cluster.addNode();
    while (cluster.controllers.length < controllers) await cluster.addController();
    await waitFor(
      'every session to end',
      async () => {
        const views = await Promise.all([...this.#rooms].map(room => this.roomView(room)));
        return views.every(({ sessions }) => sessions.size === 0);
      },
      { timeoutMs: absenceMs, intervalMs: 100 },
    );
    await this.untilExact();
    this.#rooms.clear();
    expect(faults).toEqual([]);
    for (const { process } of [...cluster.nodes, ...cluster.controllers])
      expect(process.isRunning(), process.name).toBe(true);
  }
}
