import { setTimeout as pause } from 'node:timers/promises';
import type { PoolServer } from '@manycast/core';
import { asMediaServerUrl, RoomName } from '@manycast/protocol';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { Cluster, type ClusterOptions } from '../support/cluster.js';
import { openStores } from '../support/cluster-stores.js';
import { printLogOnFailure } from '../support/print-log-on-failure.js';
import { ResumingClient } from '../support/resuming-client.js';
import { TutorialPage } from '../support/tutorial-page.js';
import { waitFor } from '../support/wait-for.js';
import { WireClient } from '../support/wire-client.js';

let rooms = 0;
const mostTries = 10;

/** A cluster of several media servers, of which a case may lose some, and clients that do as they are told. */
export class PoolStage {
  #cluster: Cluster | undefined;
  #stores: Awaited<ReturnType<typeof openStores>> | undefined;
  readonly #clients: ResumingClient[] = [];
  readonly #pages: TutorialPage[] = [];
  readonly #following = new Set<ResumingClient>();
  readonly #goodbyes: (() => Promise<unknown>)[] = [];
  readonly #afterwards: (() => Promise<unknown>)[] = [];

  constructor(private readonly options: ClusterOptions) {
    printLogOnFailure(() => [
      ...(this.#cluster?.nodes.map(({ process }) => process) ?? []),
      ...(this.#cluster?.controllers.map(({ process }) => process) ?? []),
    ]);
    beforeAll(async () => {
      this.#cluster = await Cluster.start(this.options);
      this.#stores = await openStores(this.#cluster.redis.url);
      for (const { url } of this.#cluster.gates) await this.untilServer(url, { state: 'up' });
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

  /** Of this case, also when it fails: what is needed for everybody to go. */
  atGoodbye(work: () => Promise<unknown>): void {
    this.#goodbyes.push(work);
  }

  /** Of this case, also when it fails: done when everybody has gone and nothing of them is left. The last said comes first. */
  afterwards(work: () => Promise<unknown>): void {
    this.#afterwards.push(work);
  }

  newRoom = (): string => `pooled-${++rooms}`;

  /** A client of `manycast.v1` on this node, welcomed. */
  async opened(role: 'presenter' | 'viewer', nodeIndex: number, room: string): Promise<ResumingClient> {
    const { nodes } = this.cluster;
    const url = nodes[nodeIndex % nodes.length]?.wsUrl('/one2many') as string;
    const client = await ResumingClient.open(role, url, room);
    this.#clients.push(client);
    return client;
  }

  /** The same in the room, with media; it offers again whenever it is told to. */
  async joined(role: 'presenter' | 'viewer', nodeIndex: number, room: string): Promise<ResumingClient> {
    const client = await this.opened(role, nodeIndex, room);
    await joinAsTold(client);
    void this.#follow(client);
    return client;
  }

  /** An unmodified page of the tutorial that watches. */
  async watchingPage(nodeIndex: number, room: string): Promise<TutorialPage> {
    const { nodes } = this.cluster;
    const wire = await WireClient.open(nodes[nodeIndex % nodes.length]?.wsUrl('/one2many') as string);
    const page = new TutorialPage(wire);
    this.#pages.push(page);
    expect(await page.watch(room)).toMatchObject({ response: 'accepted' });
    await page.untilSeen();
    return page;
  }

  async presentingPage(nodeIndex: number, room: string): Promise<TutorialPage> {
    const { nodes } = this.cluster;
    const wire = await WireClient.open(nodes[nodeIndex % nodes.length]?.wsUrl('/one2many') as string);
    const page = new TutorialPage(wire);
    this.#pages.push(page);
    await page.broadcast(room);
    return page;
  }

  /** A media server of this case alone, up. The pool forgets it in the end. */
  async extraServer(): Promise<string> {
    const url = await this.cluster.addMedia();
    this.afterwards(async () => {
      await this.stores.servers.remove(asMediaServerUrl(url), 'admin');
      await this.cluster.removeMedia(url);
    });
    await this.stores.servers.add('admin', [{ url: asMediaServerUrl(url), capacity: 1_000 }]);
    await this.untilServer(url, { state: 'up' });
    return url;
  }

  /** Whatever is placed while it goes on is placed on this server. */
  async placingOn<T>(url: string, work: () => Promise<T>): Promise<T> {
    const others = this.cluster.gates.map(gate => asMediaServerUrl(gate.url)).filter(other => other !== url);
    for (const other of others) await this.stores.servers.drain(other, 600_000);
    try {
      return await work();
    } finally {
      for (const other of others) await this.stores.servers.undrain(other);
    }
  }

  view(room: string) {
    return this.stores.rooms.read(RoomName.parse(room));
  }

  async serverOf(room: string): Promise<string> {
    return (await this.view(room)).media?.server as string;
  }

  indexOf(url: string): number {
    return this.cluster.gates.findIndex(gate => gate.url === url);
  }

  async untilServer(url: string, expected: Partial<PoolServer>, timeoutMs = 20_000): Promise<PoolServer> {
    let found: PoolServer | undefined;
    await waitFor(
      `${url} to be ${JSON.stringify(expected)}`,
      async () => {
        found = (await this.stores.pool.read()).find(server => server.url === asMediaServerUrl(url));
        return found && Object.entries(expected).every(([name, value]) => found?.[name as never] === value);
      },
      { timeoutMs, intervalMs: 20, actual: () => found },
    );
    return found as PoolServer;
  }

  /** Live on another server than this one, with media at every one of these viewers. */
  async untilElsewhere(room: string, from: string, viewers: ResumingClient[]): Promise<void> {
    await waitFor(
      `${room} to be live on another server`,
      async () => {
        const { state, media } = await this.view(room);
        return state === 'live' && media !== null && media.server !== from;
      },
      { timeoutMs: 30_000, intervalMs: 20 },
    );
    const { generation } = await this.view(room);
    await waitFor(
      `the viewers of ${room} to follow`,
      async () => {
        const { sessions } = await this.view(room);
        const followed = viewers.filter(
          ({ session }) => sessions.get(session as never)?.media?.generation === generation,
        );
        return followed.length === viewers.length;
      },
      { timeoutMs: 30_000, intervalMs: 20 },
    );
    await Promise.all(viewers.map(viewer => this.untilWatching(viewer)));
  }

  /** It sees media, on whatever peer it has by then: it may have been told to offer again meanwhile. */
  async untilWatching(viewer: ResumingClient, packets = 10): Promise<void> {
    const seen = new Map<unknown, number>();
    await waitFor(
      `a viewer of ${viewer.room} to see something`,
      () => {
        const { peer } = viewer;
        if (!peer) return false;
        const before = seen.get(peer) ?? peer.received.video;
        seen.set(peer, before);
        return peer.received.video - before >= packets;
      },
      { timeoutMs: 30_000, actual: () => ({ state: viewer.peer?.state, received: viewer.peer?.received }) },
    );
  }

  /** As the SDK does, without its second connection: offers again when it is told to. */
  async #follow(client: ResumingClient): Promise<void> {
    this.#following.add(client);
    let done = 0;
    let ordered = 0;
    while (this.#following.has(client)) {
      await new Promise(resolve => setTimeout(resolve, 20));
      const order = client.orders[done];
      if (!order) continue;
      done += 1;
      if (order.id !== 'renegotiate') continue;
      // The same order may come twice.
      if (order.reason === 'media-moved' && order.generation <= ordered) continue;
      ordered = Math.max(ordered, order.generation);
      for (let tries = 0; tries < 20 && this.#following.has(client); tries += 1) {
        const isJoined = await client.join().then(
          () => true,
          () => false,
        );
        if (isJoined) break;
        await new Promise(resolve => setTimeout(resolve, 300));
      }
    }
  }

  async #clear(): Promise<void> {
    const faults = this.#clients.flatMap(client => client.faults);
    this.#following.clear();
    for (const work of this.#goodbyes.splice(0)) await work();
    for (const client of this.#clients.splice(0)) {
      if (client.hasOpenSocket) await client.leave();
      else client.vanish();
    }
    for (const page of this.#pages.splice(0)) {
      page.peer?.close();
      page.wire.ws.terminate();
    }
    try {
      await waitFor(
        'nothing to be promised to anybody',
        async () => (await this.stores.pool.reservations()).length === 0,
        { timeoutMs: 60_000, intervalMs: 100, actual: () => this.stores.pool.reservations() },
      );
      await waitFor(
        'nothing to be left on the media servers',
        async () => {
          const { pipelines, endpoints } = await this.cluster.figures();
          return pipelines === 0 && endpoints === 0;
        },
        { timeoutMs: 60_000, intervalMs: 100 },
      );
    } finally {
      for (const work of this.#afterwards.splice(0).reverse()) await work();
    }
    expect(faults).toEqual([]);
  }
}

/** Offers again for as long as a refusal says when: a node may not have found a server yet that others see. */
async function joinAsTold(client: ResumingClient): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const answer = await client.offer();
    if (answer.response === 'accepted') return client.untilFlowing();
    if (!answer.retryAfterMs || tries === mostTries)
      throw new Error(`not accepted: ${JSON.stringify(answer)}`);
    await pause(answer.retryAfterMs);
  }
}
