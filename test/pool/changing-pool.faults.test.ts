import { setTimeout as pause } from 'node:timers/promises';
import { asMediaServerUrl } from '@manycast/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LightClient } from '../ownership/light-client.js';
import { printFigure } from '../support/figures.js';
import { waitFor } from '../support/wait-for.js';
import { WebRtcPeer } from '../support/webrtc-peer.js';
import { follow } from './light-following.js';
import { PoolStage } from './pool-stage.js';

const env = { MANYCAST_MEDIA_SERVER_CAPACITY: '300' };
const viewersEach = 2;

/** Rooms of light clients that come and go, so many at a time, until they are told to stop. */
class ComingAndGoing {
  /** Whatever should not happen to those who are in a room. */
  readonly faults: string[] = [];
  begun = 0;
  ended = 0;
  readonly #rooms: { clients: LightClient[] }[] = [];
  #isOver = false;
  readonly #running: Promise<void>;

  constructor(
    private readonly stage: PoolStage,
    private readonly offers: { presenter: string; viewer: string },
    private readonly most: number,
  ) {
    this.#running = this.#run();
  }

  get clients(): LightClient[] {
    return this.#rooms.flatMap(({ clients }) => clients);
  }

  get rooms(): string[] {
    return [...new Set(this.clients.map(({ room }) => room))];
  }

  /** Nothing comes or goes any more; who is in stays. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async end(): Promise<void> {
    await this.stop();
    for (const { clients } of this.#rooms.splice(0)) await Promise.all(clients.map(client => client.leave()));
  }

  async #run(): Promise<void> {
    for (let turn = 0; !this.#isOver; turn += 1) {
      const isFull = this.#rooms.length >= this.most;
      await (isFull && turn % 2 === 0 ? this.#leave() : this.#come()).catch(error =>
        this.faults.push(String(error)),
      );
      await pause(30);
    }
  }

  async #come(): Promise<void> {
    if (this.#rooms.length > this.most) return;
    const room = this.stage.newRoom();
    const clients = Array.from({ length: 1 + viewersEach }, (_, index) => {
      const role = index === 0 ? 'presenter' : 'viewer';
      return new LightClient(role, room, this.offers[role]);
    });
    const { nodes } = this.stage.cluster;
    for (const [index, client] of clients.entries()) {
      await client.open(nodes[index % nodes.length]?.wsUrl('/one2many') as string);
      const answer = await client.join();
      if (answer.response !== 'accepted') this.faults.push(`${client.role} in ${room}: ${answer.code}`);
      client.onClose = code => this.faults.push(`${client.role} in ${room} closed with ${code}`);
    }
    for (const client of clients) follow(client);
    this.#rooms.push({ clients });
    this.begun += 1;
  }

  async #leave(): Promise<void> {
    const [gone] = this.#rooms.splice(Math.floor(Math.random() * this.#rooms.length), 1);
    if (!gone) return;
    const told = gone.clients.flatMap(({ events }) => events);
    if (told.includes('presenter-left')) this.faults.push(`${gone.clients[0]?.room} ended by itself`);
    await Promise.all(gone.clients.map(client => client.leave()));
    this.ended += 1;
  }
}

describe('a pool that changes while rooms come and go', () => {
  const stage = new PoolStage({
    ...{ nodes: 2, controllers: 2, mediaServers: 2, env },
    controllerEnv: { ...env, MANYCAST_RECONCILE_MS: '1000' },
  });

  async function comingAndGoing(most: number): Promise<ComingAndGoing> {
    const peers = [new WebRtcPeer('send'), new WebRtcPeer('receive')] as const;
    const [presenter, viewer] = (await Promise.all(peers.map(peer => peer.offer()))) as [string, string];
    const traffic = new ComingAndGoing(stage, { presenter, viewer }, most);
    stage.atGoodbye(() => traffic.end());
    onTestFinished(() => {
      for (const peer of peers) peer.close();
    });
    await waitFor('the rooms to be there', () => traffic.rooms.length >= most, { timeoutMs: 60_000 });
    return traffic;
  }

  /** Everybody who is in a room has a session there. */
  async function expectNobodyLost(traffic: ComingAndGoing): Promise<void> {
    const missing: string[] = [];
    for (const room of traffic.rooms) {
      const { sessions, state } = await stage.view(room);
      if (state !== 'live' || sessions.size !== 1 + viewersEach)
        missing.push(`${room}: ${state}, ${sessions.size}`);
    }
    expect(missing).toEqual([]);
  }

  it('[R-KMS-4] a drain under load: who is there moves, who comes goes elsewhere, and it is empty in the end', {
    timeout: 180_000,
  }, async () => {
    const url = await stage.extraServer();
    const room = stage.newRoom();
    const steady = await stage.placingOn(url, async () => [
      await stage.joined('presenter', 0, room),
      await stage.joined('viewer', 1, room),
    ]);
    const traffic = await comingAndGoing(30);
    const before = (await stage.untilServer(url, {})).rooms;
    const [began, begun] = [performance.now(), traffic.begun];
    await stage.stores.servers.drain(asMediaServerUrl(url), 120_000);
    await stage.untilServer(url, { state: 'drained' }, 90_000);
    printFigure(
      'drain under load',
      `${before} rooms; empty after ${Math.round(performance.now() - began)} ms, while ${traffic.begun - begun} rooms came`,
    );
    await stage.untilElsewhere(room, url, steady.slice(1));
    await traffic.stop();
    expect(traffic.faults).toEqual([]);
    await expectNobodyLost(traffic);
    expect((await stage.untilServer(url, {})).rooms).toBe(0);
  });

  it('[R-KMS-4] grows, and shrinks again, without anybody noticing', { timeout: 240_000 }, async () => {
    const room = stage.newRoom();
    const steady = [await stage.joined('presenter', 0, room), await stage.joined('viewer', 1, room)];
    const traffic = await comingAndGoing(20);
    const { admin } = stage.cluster.controllers[0] as (typeof stage.cluster.controllers)[number];
    for (let round = 0; round < 2; round += 1) {
      const url = await stage.cluster.addMedia();
      stage.afterwards(() => stage.cluster.removeMedia(url));
      const id = new URL(url).host;
      await admin.order('/servers', { url, capacity: 300 });
      await stage.untilServer(url, { state: 'up' });
      await waitFor('rooms to be on it', async () => (await admin.get(`/servers/${id}`)).rooms > 2, {
        timeoutMs: 60_000,
      });
      await admin.order(`/servers/${id}/remove`, { deadlineMs: 120_000 });
      await waitFor(
        'it to have left the pool',
        async () => (await stage.stores.pool.read()).every(server => server.url !== url),
        { timeoutMs: 90_000, intervalMs: 100 },
      );
      await steady[1]?.media.untilReceived(10);
    }
    await traffic.stop();
    printFigure('growth and shrinkage, twice', `${traffic.begun} rooms came, ${traffic.ended} went`);
    expect(traffic.faults).toEqual([]);
    await expectNobodyLost(traffic);
  });
});
