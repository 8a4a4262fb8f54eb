import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdminClient } from '../support/admin-client.js';
import type { Controller } from '../support/controller.js';
import { Stage } from '../support/stage.js';
import { waitFor } from '../support/wait-for.js';

const readToken = 'a-token-of-a-reader';
const writeToken = 'a-token-of-a-writer';

describe('the admin API of a controller', () => {
  const controllerEnv: Record<string, string> = {};
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manycast-admin-'));
    controllerEnv.MANYCAST_ADMIN_TOKENS_FILE = join(folder, 'tokens');
    await writeFile(
      controllerEnv.MANYCAST_ADMIN_TOKENS_FILE,
      `read dashboard ${readToken}\nwrite operator ${writeToken}\n`,
    );
  });
  const stage = new Stage({ nodes: 2, mediaServers: 2, controllers: 2, controllerEnv });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const controller = (index: number) => stage.cluster.controllers[index] as Controller;
  const admin = (index = 0): AdminClient => controller(index).admin.withToken(writeToken);

  it('shows the cluster as it is, to those it knows', async () => {
    const room = stage.newRoom();
    await stage.presenter(0, room);
    await stage.viewer(1, room);
    expect(await controller(0).admin.ask('GET', '/nodes')).toMatchObject({ status: 401 });
    const reader = controller(0).admin.withToken(readToken);
    const { nodes } = await reader.get('/nodes');
    expect(nodes.map(({ id }: { id: string }) => id).sort()).toEqual(
      stage.cluster.nodes.map(({ nodeId }) => nodeId).sort(),
    );
    const { servers } = await reader.get('/servers');
    expect(servers.map(({ url }: { url: string }) => url).sort()).toEqual(
      stage.cluster.gates.map(({ url }) => url).sort(),
    );
    const shown = await reader.get(`/rooms/${room}`);
    expect(shown).toMatchObject({ state: 'live', sessions: { present: 2 } });
    expect(servers.find(({ url }: { url: string }) => url === shown.server)).toMatchObject({ rooms: 1 });
    const session = await reader.get(`/sessions/${shown.presenter}`);
    expect(session).toMatchObject({ room, role: 'presenter', state: 'present', server: shown.server });
    expect(await reader.ask('POST', `/rooms/${room}/close`)).toMatchObject({ status: 403 });
    expect((await reader.get('/openapi.json')).openapi).toBe('3.1.0');
  });

  it('kicks a viewer, whose page is told, and nobody else notices', async () => {
    const room = stage.newRoom();
    await stage.presenter(0, room);
    const [stays, goes] = [await stage.viewer(0, room), await stage.viewer(1, room)];
    const { sessions } = await admin().get(`/rooms/${room}/sessions`);
    const kicked = sessions.find(
      (session: { role: string; node: string }) =>
        session.role === 'viewer' && session.node === stage.node(1).nodeId,
    );
    expect(await admin().order(`/sessions/${kicked.id}/kick`)).toMatchObject({ outcome: 'kicked', room });
    await goes.wire.next('stopCommunication');
    expect(await goes.wire.closed).toMatchObject({ code: 4520 });
    await stage.untilFigures({ sessions: 2, endpoints: 2 });
    await stays.untilSeen();
    // The other controller knows as well.
    expect(await admin(1).order(`/sessions/${kicked.id}/kick`)).toMatchObject({ outcome: 'was-gone' });
  });

  it('closes a room for everybody', async () => {
    const room = stage.newRoom();
    const presenter = await stage.presenter(0, room);
    const viewer = await stage.viewer(1, room);
    expect(await admin().order(`/rooms/${room}/close`)).toMatchObject({ outcome: 'closed' });
    await viewer.wire.next('stopCommunication');
    expect(await presenter.wire.closed).toMatchObject({ code: 4521 });
    await stage.untilFigures({ sessions: 0, pipelines: 0, endpoints: 0 });
    expect(await admin(1).order(`/rooms/${room}/close`)).toMatchObject({ outcome: 'was-ended' });
  });

  it('[R-KMS-4] drains an empty server, which takes rooms again when that is taken back', async () => {
    const { servers } = await admin().get('/servers');
    const [drained, other] = servers;
    const begun = await admin().order(`/servers/${drained.id}/drain`, { deadlineMs: 60_000 });
    expect(begun).toMatchObject({ roomsToMove: 0, server: { state: 'drained' } });
    const room = stage.newRoom();
    const presenter = await stage.presenter(0, room);
    expect((await admin(1).get(`/rooms/${room}`)).server).toBe(other.url);
    presenter.stop();
    await stage.untilFigures({ sessions: 0 });
    await admin(1).order(`/servers/${drained.id}/undrain`);
    await waitFor('it to be up', async () => (await admin().get(`/servers/${drained.id}`)).state === 'up');
  });
});
