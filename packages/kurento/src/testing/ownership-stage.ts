import { type EndpointId, type IceCandidate, type PipelineId, RoomName } from '@manycast/protocol';
import { createLogger, createRegistry, type Registry } from '@manycast/runtime';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type EmbeddedMedia, startEmbeddedMedia } from '../../../../test/support/embedded-media.js';
import { kmsCollectorPeriodMs, kmsUrl } from '../../../../test/support/environment.js';
import { KurentoSocket } from '../../../../test/support/kurento-rpc.js';
import { neverWithin, waitFor } from '../../../../test/support/wait-for.js';
import { type Direction, WebRtcPeer } from '../../../../test/support/webrtc-peer.js';
import { createKurentoMedia, type KurentoMedia } from '../index.js';
import { publishOrder } from './broadcast.js';
import { CountingProxy } from './counting-proxy.js';
import { forbidConsole } from './quiet-console.js';

/** Long enough for a loaded machine to come between two sweeps, short enough to wait for many of them. */
export const periodMs = kmsUrl ? kmsCollectorPeriodMs : 400;
export const isPeriodTooLong = periodMs > 5_000;

const links = 2;

/** As much of a process of ours as a media server sees: its links, each with a session of its own. */
export class Process {
  private constructor(
    readonly proxy: CountingProxy,
    readonly media: KurentoMedia,
    readonly registry: Registry,
  ) {}

  static async start(target: string): Promise<Process> {
    const proxy = await CountingProxy.start(target);
    const registry = createRegistry();
    const media = createKurentoMedia({
      log: createLogger({ name: 'test', level: 'silent' }),
      registry,
      linksPerServer: links,
      timings: { retryBaseMs: 20, retryMaxMs: 50, retries: 10_000 },
    });
    const process = new Process(proxy, media, registry);
    await media.open(proxy.url, { timeoutMs: 10_000 });
    await process.linksAreUp();
    proxy.requests.length = 0;
    return process;
  }

  get server() {
    return this.proxy.url;
  }

  get inspector() {
    return this.media.inspector;
  }

  get methods(): string[] {
    return this.proxy.requests.map(({ method }) => method);
  }

  async linksAreUp(): Promise<void> {
    await waitFor(
      'every link to be up',
      async () => (await this.metric('manycast_media_links_up')) === links + 1,
    );
  }

  async metric(name: string): Promise<number> {
    const { values } = (await this.registry.getSingleMetric(name)?.get()) ?? { values: [] };
    return values.reduce((sum, { value }) => sum + value, 0);
  }

  /** No goodbye reaches the server. */
  async kill(): Promise<void> {
    this.vanish();
    await this.media.close();
    await this.proxy.stop();
  }

  /** The sockets are gone and none can be made; the process goes on. */
  vanish(): void {
    this.proxy.isClosed = true;
    this.proxy.cut();
  }

  reappear(): void {
    this.proxy.isClosed = false;
  }
}

/** A fresh room for every test, several processes, and a witness that holds nothing. */
export function ownershipStage() {
  let embedded: EmbeddedMedia | undefined;
  let witness: KurentoSocket;
  const processes: Process[] = [];
  const peers: WebRtcPeer[] = [];
  const url = () => kmsUrl ?? (embedded?.url as string);

  const stage = {
    async process(): Promise<Process> {
      const process = await Process.start(url());
      processes.push(process);
      return process;
    },

    async peer(direction: Direction): Promise<WebRtcPeer> {
      const peer = new WebRtcPeer(direction);
      peers.push(peer);
      return peer;
    },

    /** A connection of its own, for what no process of ours does. */
    raw: () => KurentoSocket.open(url()),

    isGone: (...objects: string[]) => {
      const gone = new Set(witness.events('ObjectDestroyed').map(({ objectId }) => objectId));
      return objects.every(object => gone.has(object));
    },

    untilGone: (...objects: string[]) =>
      waitFor(`${objects.length} objects to be gone`, () => stage.isGone(...objects), {
        timeoutMs: 5 * periodMs,
      }),

    /** Collection takes two periods at most. */
    outlive: (...objects: string[]) =>
      neverWithin('an object was collected', 3.5 * periodMs, () =>
        objects.find(object => stage.isGone(object)),
      ),

    sessions: async (): Promise<string[]> =>
      (await witness.call('invoke', { object: 'manager_ServerManager', operation: 'getSessions' })).value,

    /** A presenter and a viewer, neither with candidates yet. */
    async room(process: Process) {
      const presenter = await stage.join(process, 'send');
      const viewer = await stage.join(process, 'receive', presenter);
      const { pipeline } = presenter;
      return { pipeline, presenter, viewer, objects: [pipeline, presenter.endpoint, viewer.endpoint] };
    },

    async join(
      { media, server }: Process,
      direction: Direction,
      source?: { pipeline: PipelineId; endpoint: EndpointId },
    ) {
      const peer = await stage.peer(direction);
      const order = publishOrder(server, { sdpOffer: await peer.offer(), room: RoomName.parse('owned') });
      const { pipeline, endpoint, sdpAnswer } = source
        ? {
            pipeline: source.pipeline,
            ...(await media.view({ ...order, pipeline: source.pipeline, source: source.endpoint })),
          }
        : await media.publish(order);
      return { peer, session: order.session, events: order.events, pipeline, endpoint, sdpAnswer };
    },

    /** Candidates both ways through this process, until the peer is connected. `events` are the endpoint's. */
    async connect(
      { media, server }: Process,
      { peer, endpoint, sdpAnswer, events }: Awaited<ReturnType<typeof stage.join>>,
    ): Promise<void> {
      const ref = { server, endpoint };
      peer.acceptAnswer(sdpAnswer);
      await media.gatherCandidates(ref);
      peer.onCandidate = candidate => void media.addIceCandidate(ref, candidate);
      await Promise.all(peer.candidates.map(candidate => media.addIceCandidate(ref, candidate)));
      await waitFor('the endpoint to have its candidates', () =>
        events.some(({ type }) => type === 'gathering-done'),
      );
      for (const event of events) {
        if (event.type === 'candidate-found') peer.addCandidate(forPeer(event.candidate));
      }
      await peer.untilConnected();
    },
  };

  forbidConsole();
  beforeAll(async () => {
    embedded = kmsUrl ? undefined : await startEmbeddedMedia({ collectorPeriodMs: periodMs });
  });
  beforeEach(async () => {
    witness = await stage.raw();
    await witness.call('subscribe', { object: 'manager_ServerManager', type: 'ObjectDestroyed' });
  });
  afterEach(async () => {
    for (const peer of peers.splice(0)) peer.close();
    await Promise.all(processes.splice(0).map(process => process.kill()));
    await witness.close();
  });
  // Without `stopWebRtc`, which crashes now and then while peers closed a moment ago are still torn down.
  afterAll(() => embedded?.stop());
  return stage;
}

function forPeer({ candidate, sdpMid }: IceCandidate) {
  return { candidate, sdpMid: sdpMid ?? '', sdpMLineIndex: 0 };
}
