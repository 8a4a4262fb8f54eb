import { RoomName } from '@manycast/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { percentile } from '../bench/samples.js';
import { LightClient } from '../ownership/light-client.js';
import { liveObjects } from '../ownership/live-objects.js';
import { printFigure } from '../support/figures.js';
import { readMetric } from '../support/metric.js';
import type { ResumingClient } from '../support/resuming-client.js';
import { waitFor } from '../support/wait-for.js';
import { WebRtcPeer } from '../support/webrtc-peer.js';
import { follow } from './light-following.js';
import { PoolStage } from './pool-stage.js';

const rooms = 50;
/** Rooms that also have media, so that it can be seen when it is back. */
const seenRooms = 10;
const env = { MANYCAST_MEDIA_SERVER_CAPACITY: '1000', MANYCAST_MEDIA_SILENCE_MS: '1200' };

const spread = (values: number[]) =>
  `p50 ${Math.round(percentile(values, 0.5))}, p95 ${Math.round(percentile(values, 0.95))}, most ${Math.round(Math.max(...values))} ms`;

/** One media server with 50 rooms, each with a presenter and two to six viewers, and then without it. */
describe('[R-KMS-1] [R-KMS-2] all the rooms of a lost server at once', () => {
  const stage = new PoolStage({
    ...{ nodes: 2, controllers: 2, mediaServers: 2, env },
    controllerEnv: { ...env, MANYCAST_RECONCILE_MS: '1000' },
  });

  it.each([
    { how: 'kill -9', signal: 'SIGKILL' },
    { how: 'it stands still', signal: 'SIGSTOP' },
  ] as const)('$how', { timeout: 240_000 }, async ({ how, signal }) => {
    const { cluster } = stage;
    const doomed = await stage.extraServer();
    const process = cluster.media[stage.indexOf(doomed)]?.process;
    const { light, seen } = await stage.placingOn(doomed, audience);
    const names = [...new Set([...light.map(({ room }) => room), ...seen.map(({ room }) => room)])];
    expect(names).toHaveLength(rooms);
    for (const name of names) expect(await stage.serverOf(name)).toBe(doomed);
    const [before, sessionsBefore] = [await rebuilt(), await sessionsIn(names)];
    const following = light.map(client => follow(client));
    for (const client of light) client.events.length = 0;
    for (const client of seen) client.events.length = 0;

    const lostAt = performance.now();
    process?.kill(signal);
    stage.atGoodbye(async () => process?.kill('SIGCONT'));
    await stage.untilServer(doomed, { state: 'down' });
    const detectedAt = performance.now();
    printFigure(`${how}: time to detection`, `${Math.round(detectedAt - lostAt)} ms`);
    const firstMedia = await Promise.all(
      seen.filter(({ role }) => role === 'viewer').map(viewer => nextMedia(viewer)),
    );
    await waitFor(
      'everybody to be answered',
      () => following.every(({ answeredAt }) => answeredAt.length > 0),
      {
        timeoutMs: 60_000,
        actual: () => following.filter(({ answeredAt }) => answeredAt.length === 0).length,
      },
    );
    await waitFor('the rebuilding to be over', async () => (await rebuilt()) - before >= rooms, {
      timeoutMs: 30_000,
      actual: async () => (await rebuilt()) - before,
    });

    const answers = (role: string) =>
      following.flatMap(({ answeredAt }, index) =>
        light[index]?.role === role ? [(answeredAt[0] ?? Number.NaN) - detectedAt] : [],
      );
    const told = following.flatMap(({ toldAt }, index) =>
      light[index]?.role === 'presenter' ? [(toldAt[0] ?? Number.NaN) - detectedAt] : [],
    );
    printFigure(`${how}: detection to a presenter’s being told`, spread(told));
    printFigure(
      `${how}: refused meanwhile`,
      following.flatMap(({ refusals }) => refusals).join(' ') || 'none',
    );
    printFigure(`${how}: detection to a presenter’s new answer`, spread(answers('presenter')));
    printFigure(`${how}: detection to a viewer’s new answer`, spread(answers('viewer')));
    printFigure(`${how}: detection to a viewer’s new media`, spread(firstMedia.map(at => at - detectedAt)));

    const live: string[] = [];
    const servers = new Map<string, number>();
    for (const name of names) {
      const { state, media } = await stage.view(name);
      if (state !== 'live' || !media || media.server === doomed) continue;
      live.push(name);
      servers.set(media.server, (servers.get(media.server) ?? 0) + 1);
    }
    // Each of a room's broadcasts is told to its viewers.
    const begun = new Map<string, number>();
    for (const { room, role, events } of [...light, ...seen]) {
      if (role === 'presenter') continue;
      const types = events.map(event => (typeof event === 'string' ? event : event.type));
      const count = types.filter(type => type === 'presenter-live').length;
      begun.set(room, Math.max(begun.get(room) ?? 0, count));
    }
    const twice = [...begun.values()].filter(count => count > 1).length;
    const sessions = await sessionsIn(names);
    printFigure(
      `${how}: of ${rooms} rooms`,
      `${live.length} rebuilt (on ${[...servers.values()].join(' and ')}), ${twice} twice, ${rooms - live.length} lost; sessions lost ${sessionsBefore - sessions}`,
    );
    expect({ rebuilt: (await rebuilt()) - before, live: live.length, twice }).toEqual({
      ...{ rebuilt: rooms, live: rooms, twice: 0 },
    });
    expect(sessions).toBe(sessionsBefore);
    expect(servers.size).toBe(2);

    if (signal === 'SIGKILL') await cluster.restartMedia(stage.indexOf(doomed));
    else process?.kill('SIGCONT');
    await waitFor(
      'the objects on the media servers to be those of the live sessions',
      async () => {
        const { sessions: known, endpoints } = await liveObjects(cluster, stage.stores, names);
        return known.join() === endpoints.join();
      },
      { timeoutMs: 60_000, intervalMs: 1_000 },
    );
  });

  /** Everybody in their rooms; those with media have it. */
  async function audience() {
    const peers = [new WebRtcPeer('send'), new WebRtcPeer('receive')] as const;
    onTestFinished(() => {
      for (const peer of peers) peer.close();
    });
    const [present, watch] = (await Promise.all(peers.map(peer => peer.offer()))) as [string, string];
    const names = Array.from({ length: rooms }, () => stage.newRoom());
    const seen: ResumingClient[] = [];
    for (const [index, name] of names.slice(0, seenRooms).entries()) {
      seen.push(await stage.joined('presenter', index, name));
      seen.push(await stage.joined('viewer', index + 1, name));
    }
    const presenters = names.slice(seenRooms).map(name => new LightClient('presenter', name, present));
    const viewers = names.flatMap((name, index) =>
      Array.from({ length: 2 + (index % 5) }, () => new LightClient('viewer', name, watch)),
    );
    const { nodes } = stage.cluster;
    const join = async (client: LightClient, index: number) => {
      await client.open(nodes[index % nodes.length]?.wsUrl('/one2many') as string);
      expect(await client.join()).toMatchObject({ response: 'accepted' });
    };
    stage.atGoodbye(() => Promise.all([...presenters, ...viewers].map(client => client.leave())));
    await Promise.all(presenters.map(join));
    await Promise.all(viewers.map(join));
    return { light: [...presenters, ...viewers], seen };
  }

  /** When the first packet came over a peer that it has not yet, in ms of performance.now(). */
  async function nextMedia(viewer: ResumingClient): Promise<number> {
    const former = viewer.peer;
    let at = 0;
    await waitFor(
      `media in ${viewer.room}`,
      () => {
        const { peer } = viewer;
        if (peer && peer !== former && peer.received.video > 0) at = peer.lastReceivedAt;
        return at > 0;
      },
      { timeoutMs: 60_000, intervalMs: 5 },
    );
    return at;
  }

  async function sessionsIn(names: string[]): Promise<number> {
    let count = 0;
    for (const name of names) count += (await stage.stores.rooms.read(RoomName.parse(name))).sessions.size;
    return count;
  }

  async function rebuilt(): Promise<number> {
    const each = await Promise.all(
      stage.cluster.controllers.map(({ httpUrl }) =>
        readMetric(httpUrl, 'manycast_failovers_total', { outcome: 'rebuilt' }),
      ),
    );
    return each.reduce((sum, count) => sum + count, 0);
  }
});
