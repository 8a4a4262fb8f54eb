import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { Cluster, type ClusterFigures, type ClusterOptions } from './cluster.js';
import { openStores } from './cluster-stores.js';
import { KurentoSocket } from './kurento-rpc.js';
import type { MediaGate } from './media-gate.js';
import { readMetric } from './metric.js';
import { printLogOnFailure } from './print-log-on-failure.js';
import type { SignalingNode } from './signaling-node.js';
import { TutorialPage } from './tutorial-page.js';
import { waitFor } from './wait-for.js';
import { WebRtcPeer } from './webrtc-peer.js';
import { WireClient } from './wire-client.js';

/** Four for commands and one for releases, as configured by default. */
const LINKS_PER_SERVER = 5;

let rooms = 0;

/**
 * One cluster for the cases of a `describe`, and what they need of it. After every case its clients go; then
 * nothing may be left: no session, no media object, and every node is the process it was.
 */
export class Stage {
  #cluster: Cluster | undefined;
  #offers: { presenter: string; viewer: string } | undefined;
  readonly #clients: WireClient[] = [];
  readonly #pages: TutorialPage[] = [];
  readonly #peers: WebRtcPeer[] = [];

  constructor(private readonly options: ClusterOptions) {
    printLogOnFailure(() => [
      ...(this.#cluster?.nodes.map(({ process }) => process) ?? []),
      ...(this.#cluster?.media.map(({ process }) => process) ?? []),
    ]);
    beforeAll(() => this.#start());
    afterEach(() => this.#clear());
    afterAll(() => this.#stop());
  }

  get cluster(): Cluster {
    if (!this.#cluster) throw new Error('the cluster runs only while the cases of its describe run');
    return this.#cluster;
  }

  /** Counts round: a case that names nodes 0 to 3 runs on any number of them. */
  node(index: number): SignalingNode {
    const { nodes } = this.cluster;
    return nodes[index % nodes.length] as SignalingNode;
  }

  /** A name that no case had before. */
  newRoom(): string {
    return `room-${++rooms}`;
  }

  async wire(nodeIndex = 0, path = '/one2many'): Promise<WireClient> {
    const client = await WireClient.open(this.node(nodeIndex).wsUrl(path));
    this.#clients.push(client);
    return client;
  }

  async page(nodeIndex = 0, path = '/one2many'): Promise<TutorialPage> {
    const page = new TutorialPage(await this.wire(nodeIndex, path));
    this.#pages.push(page);
    return page;
  }

  /** A page that sends media to the room. */
  async presenter(nodeIndex: number, room: string): Promise<TutorialPage> {
    const page = await this.page(nodeIndex);
    await page.broadcast(room);
    return page;
  }

  /** A page that sees the room's media. */
  async viewer(nodeIndex: number, room: string): Promise<TutorialPage> {
    const page = await this.page(nodeIndex);
    expect(await page.watch(room)).toMatchObject({ response: 'accepted' });
    await page.untilSeen();
    return page;
  }

  /** Offers of real peers that never connect: enough where only the protocol is looked at. */
  get offers(): { presenter: string; viewer: string } {
    if (!this.#offers) throw new Error('the offers are made with the cluster');
    return this.#offers;
  }

  /** A socket that presents in the room, without media. */
  async presentingWire(nodeIndex: number, room: string): Promise<WireClient> {
    const client = await this.wire(nodeIndex);
    const offer = { id: 'presenter', sdpOffer: this.offers.presenter, room };
    expect(await client.ask(offer, 'presenterResponse')).toMatchObject({ response: 'accepted' });
    return client;
  }

  /** A socket that watches the room, without media. */
  async watchingWire(nodeIndex: number, room: string): Promise<WireClient> {
    const client = await this.wire(nodeIndex);
    const offer = { id: 'viewer', sdpOffer: this.offers.viewer, room };
    expect(await client.ask(offer, 'viewerResponse')).toMatchObject({ response: 'accepted' });
    return client;
  }

  /** Whatever went wrong before: a new broadcast in a new room, seen from another node, and its end. */
  async servesFreshBroadcast(): Promise<void> {
    const room = this.newRoom();
    const presenter = await this.presenter(0, room);
    const viewer = await this.viewer(1, room);
    presenter.stop();
    await viewer.wire.next('stopCommunication');
  }

  async untilReady(index: number): Promise<void> {
    const { httpUrl, process } = this.node(index);
    await waitFor(`${process.name} to be ready`, async () => (await fetch(`${httpUrl}/readyz`)).ok);
  }

  /** Another media server at the address of one whose process has ended; takes rooms when it resolves. */
  async restartMedia(index: number): Promise<void> {
    await this.cluster.restartMedia(index);
    const { url } = this.cluster.gates[index] as MediaGate;
    const socket = await KurentoSocket.open(url);
    const { serverId } = await socket.call('connect', {});
    await socket.drop();
    const stores = await openStores(this.cluster.redis.url);
    try {
      const known = async () => (await stores.pool.read()).find(server => server.url === url);
      await waitFor(
        'the pool to take the restarted media server for a new one',
        async () => {
          const server = await known();
          return server?.state === 'up' && server.serverId === serverId;
        },
        { timeoutMs: 30_000, actual: known },
      );
    } finally {
      stores.close();
    }
  }

  /** Every link of a node to every media server is up. */
  async untilLinked(index: number): Promise<void> {
    const { httpUrl, process } = this.node(index);
    const links = LINKS_PER_SERVER * this.cluster.gates.length;
    const linksUp = () => readMetric(httpUrl, 'manycast_media_links_up');
    await waitFor(`${links} links of ${process.name}`, async () => (await linksUp()) === links, {
      timeoutMs: 10_000,
      actual: linksUp,
    });
  }

  async untilFigures(expected: Partial<ClusterFigures>, timeoutMs = 5_000): Promise<void> {
    let figures: ClusterFigures | undefined;
    await waitFor(
      `the figures ${JSON.stringify(expected)}`,
      async () => {
        figures = await this.cluster.figures();
        return Object.entries(expected).every(
          ([name, value]) => figures?.[name as keyof ClusterFigures] === value,
        );
      },
      { timeoutMs, actual: () => figures },
    );
  }

  async #start(): Promise<void> {
    this.#cluster = await Cluster.start(this.options);
    this.#peers.push(new WebRtcPeer('send'), new WebRtcPeer('receive'));
    const [presenter, viewer] = await Promise.all(this.#peers.map(peer => peer.offer()));
    this.#offers = { presenter: presenter as string, viewer: viewer as string };
  }

  async #clear(): Promise<void> {
    for (const gate of this.cluster.gates) gate.open();
    const pages = this.#pages.splice(0);
    const clients = this.#clients.splice(0);
    for (const page of pages) page.peer?.close();
    for (const client of clients) client.ws.terminate();
    await this.untilFigures({ sockets: 0, sessions: 0, pipelines: 0, endpoints: 0 });
    expect(pages.flatMap(page => page.faults)).toEqual([]);
    for (const { process } of this.cluster.nodes) expect(process.isRunning(), process.name).toBe(true);
  }

  /**
   * Without `stopWebRtc`: its cleanup cannot be undone for the next describe, and crashes now and then while peers
   * closed a moment ago are still torn down. The worker of the test run ends without it.
   */
  async #stop(): Promise<void> {
    for (const peer of this.#peers) peer.close();
    expect(await this.#cluster?.stop()).toEqual([]);
  }
}
