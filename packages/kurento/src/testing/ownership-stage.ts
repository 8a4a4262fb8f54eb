import {
  asMediaServerUrl,
  type EndpointId,
  type IceCandidate,
  type PipelineId,
  RoomName,
} from '@manycast/protocol';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type EmbeddedMedia, startEmbeddedMedia } from '../../../../test/support/embedded-media.js';
import { kmsCollectorPeriodMs, kmsUrl } from '../../../../test/support/environment.js';
import { KurentoSocket } from '../../../../test/support/kurento-rpc.js';
import { neverWithin, waitFor } from '../../../../test/support/wait-for.js';
import { type Direction, WebRtcPeer } from '../../../../test/support/webrtc-peer.js';
import { publishOrder } from './broadcast.js';
import { MediaProcess } from './media-process.js';
import { forbidConsole } from './quiet-console.js';

/** Long enough for a loaded machine to come between two sweeps, short enough to wait for many of them. */
export const periodMs = kmsUrl ? kmsCollectorPeriodMs : 400;
export const isPeriodTooLong = periodMs > 5_000;

export interface Participant {
  peer: WebRtcPeer;
  pipeline: PipelineId;
  endpoint: EndpointId;
  sdpAnswer: string;
  session: string;
  events: ReturnType<typeof publishOrder>['events'];
}

/** One media server, several processes of ours, and a witness that holds nothing. */
export class OwnershipStage {
  #embedded: EmbeddedMedia | undefined;
  #witness: KurentoSocket | undefined;
  readonly #processes: MediaProcess[] = [];
  readonly #peers: WebRtcPeer[] = [];

  /** To be called in a `describe`. */
  constructor() {
    forbidConsole();
    beforeAll(async () => {
      this.#embedded = kmsUrl ? undefined : await startEmbeddedMedia({ collectorPeriodMs: periodMs });
    });
    beforeEach(async () => {
      this.#witness = await this.raw();
      await this.#witness.call('subscribe', { object: 'manager_ServerManager', type: 'ObjectDestroyed' });
    });
    afterEach(async () => {
      for (const peer of this.#peers.splice(0)) peer.close();
      await Promise.all(this.#processes.splice(0).map(process => process.kill()));
      await this.#witness?.close();
    });
    // Without `stopWebRtc`, which crashes now and then while peers closed a moment ago are still torn down.
    afterAll(() => this.#embedded?.stop());
  }

  get #url() {
    return asMediaServerUrl(kmsUrl ?? (this.#embedded?.url as string));
  }

  get #observed(): KurentoSocket {
    if (!this.#witness) throw new Error('there is a witness in tests only');
    return this.#witness;
  }

  async process(): Promise<MediaProcess> {
    const process = await MediaProcess.start(this.#url);
    this.#processes.push(process);
    return process;
  }

  /** A connection of its own, for what no process of ours does. */
  raw(): Promise<KurentoSocket> {
    return KurentoSocket.open(this.#url);
  }

  isGone(...objects: string[]): boolean {
    const gone = new Set(this.#observed.events('ObjectDestroyed').map(({ objectId }) => objectId));
    return objects.every(object => gone.has(object));
  }

  async untilGone(...objects: string[]): Promise<void> {
    const options = { timeoutMs: 5 * periodMs };
    await waitFor(`${objects.length} objects to be gone`, () => this.isGone(...objects), options);
  }

  /** Longer than collection takes: two periods at most. */
  outlive(...objects: string[]): Promise<void> {
    return neverWithin('an object was collected', 3.5 * periodMs, () =>
      objects.find(object => this.isGone(object)),
    );
  }

  async untilForgotten(sessions: Set<string>): Promise<void> {
    await waitFor('the sessions to be collected', async () => {
      const params = { object: 'manager_ServerManager', operation: 'getSessions' };
      const { value } = await this.#observed.call('invoke', params);
      return value.every((session: string) => !sessions.has(session));
    });
  }

  /** A presenter and a viewer, neither with candidates yet. */
  async room(process: MediaProcess) {
    const presenter = await this.join(process, 'send');
    const viewer = await this.join(process, 'receive', presenter);
    const { pipeline } = presenter;
    return { pipeline, presenter, viewer, objects: [pipeline, presenter.endpoint, viewer.endpoint] };
  }

  async join(
    { media, server }: MediaProcess,
    direction: Direction,
    source?: { pipeline: PipelineId; endpoint: EndpointId },
  ): Promise<Participant> {
    const peer = new WebRtcPeer(direction);
    this.#peers.push(peer);
    const order = publishOrder(server, { sdpOffer: await peer.offer(), room: RoomName.parse('owned') });
    const { session, events } = order;
    if (!source) return { peer, session, events, ...(await media.publish(order)) };
    const { pipeline } = source;
    return {
      peer,
      session,
      events,
      pipeline,
      ...(await media.view({ ...order, pipeline, source: source.endpoint })),
    };
  }

  /** Candidates both ways through this process, until the peer is connected. */
  async connect(
    { media, server }: MediaProcess,
    { peer, endpoint, sdpAnswer, events }: Participant,
  ): Promise<void> {
    const ref = { server, endpoint };
    peer.acceptAnswer(sdpAnswer);
    await media.gatherCandidates(ref);
    peer.onCandidate = candidate => void media.addIceCandidate(ref, candidate);
    await Promise.all(peer.candidates.map(candidate => media.addIceCandidate(ref, candidate)));
    await waitFor('the endpoint’s candidates', () => events.some(({ type }) => type === 'gathering-done'));
    for (const event of events) {
      if (event.type === 'candidate-found') peer.addCandidate(forPeer(event.candidate));
    }
    await peer.untilConnected();
  }
}

function forPeer({ candidate, sdpMid }: IceCandidate) {
  return { candidate, sdpMid: sdpMid ?? '', sdpMLineIndex: 0 };
}
