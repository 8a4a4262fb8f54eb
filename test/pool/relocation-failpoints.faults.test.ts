import { asMediaServerUrl } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import type { Controller } from '../support/controller.js';
import type { ResumingClient } from '../support/resuming-client.js';
import { waitFor } from '../support/wait-for.js';
import { PoolStage } from './pool-stage.js';

const actions = ['kill', 'fail', 'twice', 'overtaken'] as const;
type Action = (typeof actions)[number];

const quick = {
  MANYCAST_MEDIA_SILENCE_MS: '3000',
  MANYCAST_PRESENTER_GRACE_MS: '20000',
  MANYCAST_VIEWER_GRACE_MS: '20000',
};

/**
 * Each step by which a room goes elsewhere × the controller dies there; the reply is lost; it is done twice; the
 * controller stands still there while another does it all.
 */
describe('a controller in the middle of a room’s way to another media server', () => {
  const stage = new PoolStage({
    ...{ nodes: 2, controllers: 1, mediaServers: 2, env: quick },
    controllerEnv: { ...quick, MANYCAST_RECONCILE_MS: '500', MANYCAST_ORPHAN_MS: '4000' },
  });

  /** A room with a presenter and two viewers on a server of its own, and no controller but one with a fault. */
  async function begin(action: Action, step: string) {
    const room = stage.newRoom();
    const from = await stage.extraServer();
    const [presenter, ...viewers] = await stage.placingOn(from, async () => [
      await stage.joined('presenter', 0, room),
      await stage.joined('viewer', 0, room),
      await stage.joined('viewer', 1, room),
    ]);
    const steady = [...stage.cluster.controllers];
    const faulty = await stage.cluster.addController([action === 'overtaken' ? 'pause' : action, step]);
    for (const controller of steady) {
      stage.cluster.forget(controller);
      await controller.process.stop();
    }
    return { room, from, presenter: presenter as ResumingClient, viewers, faulty };
  }

  /** From here on there is another controller, and in the end no other. */
  async function reached({ process }: Controller, action: Action): Promise<void> {
    await waitFor('the step to be reached', () => process.log.find(/^reached/), { timeoutMs: 30_000 });
    if (action === 'overtaken') process.kill('SIGSTOP');
    await stage.cluster.addController();
  }

  async function retire(faulty: Controller, action: Action): Promise<void> {
    stage.cluster.forget(faulty);
    if (action === 'kill')
      return void expect(await faulty.process.exited).toMatchObject({ signal: 'SIGKILL' });
    expect(await faulty.process.stop()).toEqual({ code: 0, signal: null });
  }

  /** It wakes, and goes on with what another has done meanwhile. */
  function letGo({ process }: Controller, action: Action): void {
    if (action !== 'overtaken') return;
    process.kill('SIGCONT');
    process.kill('SIGUSR2');
  }

  const steps = ['relocation:lost', 'relocation:placed', 'relocation:told'];
  it.each(steps.flatMap(step => actions.map(action => ({ step, action }))))(
    '[R-KMS-2] kill -9 of a media server; $step, $action',
    async ({ step, action }) => {
      const { room, from, viewers, faulty } = await begin(action, step);
      const told = viewers.map(viewer => viewer.broadcasts.length);
      stage.cluster.media[stage.indexOf(from)]?.process.kill('SIGKILL');
      await reached(faulty, action);
      await stage.untilElsewhere(room, from, viewers);
      const { generation } = await stage.view(room);
      letGo(faulty, action);
      await retire(faulty, action);
      for (const viewer of viewers) await stage.untilWatching(viewer);
      const { sessions, ...view } = await stage.view(room);
      expect(sessions.size).toBe(3);
      // A message that comes twice has the presenter build twice.
      if (!(step === 'relocation:told' && action === 'twice')) {
        expect(view).toMatchObject({ state: 'live', generation });
        expect(viewers.map(viewer => viewer.broadcasts.length)).toEqual(told.map(count => count + 1));
      }
      expect(viewers.flatMap(({ broadcasts }) => broadcasts)).not.toContain('presenter-left');
    },
  );

  const moveSteps = ['relocation:placed', 'relocation:told', 'relocation:left'];
  it.each(moveSteps.flatMap(step => actions.map(action => ({ step, action }))))(
    '[R-KMS-4] a drain; $step, $action',
    async ({ step, action }) => {
      const { room, from, viewers, faulty } = await begin(action, step);
      await stage.stores.servers.drain(asMediaServerUrl(from), 120_000);
      await reached(faulty, action);
      await stage.untilElsewhere(room, from, viewers);
      const media = stage.cluster.media[stage.indexOf(from)];
      await stage.untilServer(from, { state: 'drained' }, 60_000);
      letGo(faulty, action);
      await retire(faulty, action);
      for (const viewer of viewers) await stage.untilWatching(viewer);
      await waitFor('the room to have left it', async () => (await stage.view(room)).former === null, {
        timeoutMs: 20_000,
      });
      expect(await stage.view(room)).toMatchObject({ state: 'live' });
      await waitFor(
        'nothing to be left behind',
        async () => (await stage.cluster.pipelinesOn(media as never)) === 0,
        {
          timeoutMs: 30_000,
        },
      );
      expect(viewers.flatMap(({ broadcasts }) => broadcasts)).not.toContain('presenter-left');
      // What plays is not taken from anybody.
      expect(viewers.flatMap(({ orders }) => orders.filter(({ reason }) => reason === 'media-lost'))).toEqual(
        [],
      );
    },
  );
});
