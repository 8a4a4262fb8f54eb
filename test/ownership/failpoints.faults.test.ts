import { setTimeout as pause } from 'node:timers/promises';
import { type Step, steps } from '@manycast/core';
import { describe, expect, it } from 'vitest';
import type { Controller } from '../support/controller.js';
import type { ResumingClient } from '../support/resuming-client.js';
import type { SignalingNode } from '../support/signaling-node.js';
import { neverWithin, waitFor } from '../support/wait-for.js';
import { OwnershipStage, quick } from './ownership-stage.js';

const graceMs = 3_000;
const actions = ['kill', 'fail', 'twice', 'pause'] as const;
type Action = (typeof actions)[number];
type Role = 'presenter' | 'viewer';
type Scenario = (step: Step, action: Action) => Promise<void>;

/** Longer than it takes the quick controllers to release what nobody has. */
const orphanMs = 8_000;

/**
 * Every step of the hot paths × the process dies there; the reply is lost; it is done twice; the process is held up
 * there while others do it too: one table.
 */
describe('a step of the hot paths', () => {
  const stage = new OwnershipStage({ ...quick(graceMs), nodes: 2 });
  const ws = (node: SignalingNode) => node.wsUrl('/one2many');

  /** A node of this case alone; with `arm` its fault waits for `arm()`. */
  async function faultyNode(action: Action, step: Step, ...arm: 'arm'[]): Promise<SignalingNode> {
    return stage.cluster.addNode({}, '/readyz', { faults: [action, step, ...arm] });
  }
  async function arm({ process }: SignalingNode): Promise<void> {
    process.kill('SIGUSR2');
    await waitFor('the node to be armed', () => process.log.find(/^armed/));
  }
  async function reached(faulty: SignalingNode | Controller, action: Action): Promise<void> {
    const { process } = faulty;
    await waitFor('the step to be reached', () => process.log.find(/^reached/), { timeoutMs: 30_000 });
    if (action !== 'kill') return;
    expect(await process.exited).toMatchObject({ signal: 'SIGKILL' });
    stage.cluster.forget(faulty);
  }
  /** The one that was held up goes on with what others have done meanwhile. */
  function letGo(faulty: SignalingNode | Controller, action: Action): void {
    if (action === 'pause') faulty.process.kill('SIGUSR2');
  }
  async function retire(node: SignalingNode): Promise<void> {
    stage.cluster.forget(node);
    await node.process.stop();
  }
  async function untilSessions(room: string, count: number): Promise<void> {
    let seen = -1;
    await waitFor(
      `${count} sessions in the room`,
      async () => {
        seen = (await stage.roomView(room)).sessions.size;
        return seen === count;
      },
      { timeoutMs: 30_000, actual: () => seen },
    );
  }

  /** The room plays: its viewer sees it, and whoever comes next does too. */
  async function expectPlaying(room: string, viewer?: ResumingClient): Promise<void> {
    await viewer?.media.untilReceived(10);
    const next = await stage.joined('viewer', stage.node(1), room);
    await next.leave();
  }

  const join =
    (role: Role): Scenario =>
    async (step, action) => {
      const room = stage.newRoom();
      const steady = stage.node(0);
      if (role === 'viewer') await stage.joined('presenter', steady, room);
      const faulty = await faultyNode(action, step);
      const client = await stage.client(role, faulty, room);
      await client.sendOffer();
      await reached(faulty, action);
      const answer = () => client.wire.next(`${role}Response`);
      if (action === 'fail') {
        expect(await answer()).toMatchObject({ response: 'rejected' });
        await client.join();
      } else if (action === 'twice') {
        expect(await answer()).toMatchObject({ response: 'accepted' });
        await client.untilFlowing();
      } else {
        if (action === 'pause') client.wire.ws.terminate();
        await client.wire.closed;
        expect(await client.comeBack(ws(steady))).toMatchObject({ id: 'resumed', renegotiate: true });
        letGo(faulty, action);
      }
      await expectPlaying(room, role === 'viewer' ? client : undefined);
      await stage.untilExact();
      await client.leave();
      await retire(faulty);
    };

  /** As `join`, but the client dies with its node, or gives up. */
  const joinAndVanish =
    (role: Role): Scenario =>
    async (step, action) => {
      const room = stage.newRoom();
      if (role === 'viewer') await stage.joined('presenter', stage.node(0), room);
      const faulty = await faultyNode(action, step);
      const client = await stage.client(role, faulty, room);
      await client.sendOffer();
      await reached(faulty, action);
      client.vanish();
      // Controllers release what nobody has while it is held up.
      if (action === 'pause') await pause(orphanMs);
      letGo(faulty, action);
      await untilSessions(room, role === 'viewer' ? 1 : 0);
      await stage.untilExact();
      await retire(faulty);
    };

  const resume =
    (isBack: boolean): Scenario =>
    async (step, action) => {
      const room = stage.newRoom();
      const steady = stage.node(0);
      const presenter = await stage.joined('presenter', stage.node(1), room);
      const viewer = await stage.joined('viewer', steady, room);
      const endpoint = await stage.endpointOf(viewer);
      const faulty = await faultyNode(action, step);
      const attempt = viewer.resume(ws(faulty)).catch((error: Error) => error);
      await reached(faulty, action);
      if (action === 'fail') expect(await attempt).toMatchObject({ id: 'resumeRejected' });
      if (action === 'kill') expect(await attempt).toBeInstanceOf(Error);
      if (action === 'twice') expect(await attempt).toMatchObject({ id: 'resumed', renegotiate: false });
      if (isBack) {
        expect(await viewer.resume(ws(steady))).toMatchObject({ id: 'resumed', renegotiate: false });
        letGo(faulty, action);
        // The socket that lost is closed, and is not told that it had won.
        if (action === 'pause')
          expect(await attempt).toMatchObject({ message: expect.stringContaining('4501') });
        expect(await stage.endpointOf(viewer)).toBe(endpoint);
        await viewer.media.untilReceived(10);
      } else {
        viewer.vanish();
        letGo(faulty, action);
        await untilSessions(room, 1);
      }
      expect(presenter.orders).toEqual([]);
      await stage.untilExact();
      await retire(faulty);
    };

  const leave =
    (role: Role): Scenario =>
    async (step, action) => {
      const room = stage.newRoom();
      const faulty = await faultyNode(action, step, 'arm');
      const presenter = await stage.joined('presenter', role === 'presenter' ? faulty : stage.node(0), room);
      const viewer = await stage.joined('viewer', role === 'viewer' ? faulty : stage.node(1), room);
      await arm(faulty);
      (role === 'presenter' ? presenter : viewer).wire.send({ id: 'stop' });
      await reached(faulty, action);
      if (role === 'presenter') await viewer.wire.next('stopCommunication');
      await untilSessions(room, role === 'presenter' ? 0 : 1);
      // Controllers release what it has not released yet.
      if (action === 'pause') await stage.untilExact();
      letGo(faulty, action);
      await stage.untilExact();
      await retire(faulty);
    };

  const detach =
    (isBack: boolean): Scenario =>
    async (step, action) => {
      const room = stage.newRoom();
      const faulty = await faultyNode(action, step, 'arm');
      await stage.joined('presenter', stage.node(0), room);
      const viewer = await stage.joined('viewer', faulty, room);
      await arm(faulty);
      viewer.wire.ws.terminate();
      await reached(faulty, action);
      if (isBack) {
        expect(await viewer.resume(ws(stage.node(1)))).toMatchObject({ id: 'resumed', renegotiate: false });
        letGo(faulty, action);
        // An expiry that was scheduled for the former attachment comes to nothing.
        await neverWithin('the end of a session that is back', graceMs + 1_000, async () =>
          (await stage.roomView(room)).sessions.size === 2 ? undefined : 'it has ended',
        );
        await viewer.media.untilReceived(10);
      } else {
        viewer.vanish();
        await untilSessions(room, 1);
        letGo(faulty, action);
      }
      await stage.untilExact();
      await retire(faulty);
    };

  /** The controller at fault is the only one until it has reached the step. */
  const control: Scenario = async (step, action) => {
    const { cluster } = stage;
    for (const controller of [...cluster.controllers]) {
      cluster.forget(controller);
      await controller.process.stop();
    }
    const faulty = await cluster.addController([action, step]);
    const room = stage.newRoom();
    const doomed = await cluster.addNode();
    const presenter = await stage.joined('presenter', stage.node(0), room);
    const viewer = await stage.joined('viewer', doomed, room);
    const stays = await stage.joined('viewer', doomed, room);
    const steady = stage.node(1);
    await cluster.kill(doomed);
    expect(await stays.resume(ws(steady))).toMatchObject({ id: 'resumed', renegotiate: false });
    viewer.vanish();
    await reached(faulty, action);
    await cluster.addController();
    await untilSessions(room, 2);
    letGo(faulty, action);
    await stays.media.untilReceived(10);
    expect(presenter.orders).toEqual([]);
    await stage.untilExact();
    if (action !== 'kill') {
      cluster.forget(faulty);
      await faulty.process.stop();
    }
  };

  const drain: Scenario = async (step, action) => {
    const room = stage.newRoom();
    // A drain is ordered twice from outside.
    const faulty = action === 'twice' ? await stage.cluster.addNode() : await faultyNode(action, step);
    const presenter = await stage.joined('presenter', faulty, room);
    const viewer = await stage.joined('viewer', stage.node(0), room);
    if (action === 'twice') await fetch(`${faulty.httpUrl}/drain`, { method: 'POST' });
    faulty.process.kill('SIGTERM');
    await presenter.wire.next('goaway');
    if (action !== 'twice') await reached(faulty, action);
    if (action === 'kill' || action === 'fail') await presenter.wire.closed;
    expect(await presenter.resume(ws(stage.node(1)))).toMatchObject({ id: 'resumed', renegotiate: false });
    letGo(faulty, action);
    await faulty.process.exited;
    stage.cluster.forget(faulty);
    await viewer.media.untilReceived(10);
    expect(viewer.orders).toEqual([]);
    await stage.untilExact();
  };

  const table: Record<(typeof steps)[number], Record<string, Scenario>> = {
    'presenter:claimed': { 'it comes back': join('presenter'), 'it vanishes': joinAndVanish('presenter') },
    'presenter:reserved': { 'it comes back': join('presenter'), 'it vanishes': joinAndVanish('presenter') },
    'presenter:published': { 'it comes back': join('presenter'), 'it vanishes': joinAndVanish('presenter') },
    'presenter:live': { 'it comes back': join('presenter'), 'it vanishes': joinAndVanish('presenter') },
    'viewer:joined': { 'it comes back': join('viewer'), 'it vanishes': joinAndVanish('viewer') },
    'viewer:viewed': { 'it comes back': join('viewer'), 'it vanishes': joinAndVanish('viewer') },
    'viewer:confirmed': { 'it comes back': join('viewer'), 'it vanishes': joinAndVanish('viewer') },
    'resume:attached': { 'it comes back': resume(true), 'it vanishes': resume(false) },
    'resume:adopted': { 'it comes back': resume(true), 'it vanishes': resume(false) },
    'leave:left': { 'a presenter': leave('presenter'), 'a viewer': leave('viewer') },
    'detach:detached': { 'it comes back': detach(true), 'it vanishes': detach(false) },
    'detach:scheduled': { 'it comes back': detach(true), 'it vanishes': detach(false) },
    'reap:detached': { 'one comes back, one vanishes': control },
    'reap:scheduled': { 'one comes back, one vanishes': control },
    'expiry:expired': { 'one comes back, one vanishes': control },
    'drain:told': { 'a presenter moves': drain },
  };
  const cases = steps.flatMap(step =>
    Object.entries(table[step]).flatMap(([ending, scenario]) =>
      actions.map(action => ({ step, action, ending, scenario })),
    ),
  );

  it.each(cases)('[R-OWN-3] [R-OWN-5] [R-OWN-6] $step, $action: $ending', ({ step, action, scenario }) =>
    scenario(step, action),
  );
});
