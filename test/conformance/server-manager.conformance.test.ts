import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { describe, expect } from 'vitest';
import { KurentoSocket } from '../support/kurento-rpc.js';
import { waitFor } from '../support/wait-for.js';
import { kmsCase } from './kms-case.js';

const MANAGER = 'manager_ServerManager';

describe('the server manager', () => {
  kmsCase('is there under its fixed name', async ({ kms }) => {
    const description = await (await kms.session()).describe(MANAGER);
    expect(description).toMatchObject({ type: 'ServerManager', qualifiedType: 'kurento.ServerManager' });
  });

  kmsCase(
    'getInfo tells version, type, modules with their factories, and that it can do transactions',
    async ({ kms }) => {
      const info = await (await kms.session()).invoke(MANAGER, 'getInfo');
      expect(info).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+/), type: 'KMS' });
      expect(info.capabilities).toContain('transactions');
      const factories = info.modules.flatMap((module: { factories: string[] }) => module.factories);
      expect(factories).toEqual(expect.arrayContaining(['MediaPipeline', 'WebRtcEndpoint']));
      for (const module of info.modules)
        expect(module).toMatchObject({ name: expect.any(String), version: expect.any(String) });
    },
  );

  kmsCase(
    'getUsedMemory is in kB; the embedded one tells the truth about its process',
    async ({ kms, subject }) => {
      const usedKb = await (await kms.session()).invoke(MANAGER, 'getUsedMemory');
      expect(usedKb).toBeGreaterThan(1_000);
      if (!subject.embedded) return;
      const status = await readFile(`/proc/${subject.embedded.process.pid}/status`, 'utf8');
      const residentKb = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
      expect(Math.abs(usedKb - residentKb) / residentKb).toBeLessThan(0.25);
    },
  );

  kmsCase('getCpuCount counts the cores', async ({ kms }) => {
    const count = await (await kms.session()).invoke(MANAGER, 'getCpuCount');
    expect(Number.isInteger(count)).toBe(true);
    expect(count).toBeGreaterThanOrEqual(1);
    if (!kms.isReal) expect(count).toBe(availableParallelism());
  });

  kmsCase('getMetadata is a text', async ({ kms }) => {
    expect(await (await kms.session()).invoke(MANAGER, 'getMetadata')).toEqual(expect.any(String));
  });

  kmsCase('getUsedCpu is in percent of one core, and more under load', async ({ kms }) => {
    const [idle, meter, load] = [await kms.session(), await kms.session(), await kms.session()];
    const cores = await idle.invoke(MANAGER, 'getCpuCount');
    const calm = await idle.invoke(MANAGER, 'getUsedCpu', { interval: 300 });
    let isMeasured = false;
    const work = (async () => {
      while (!isMeasured) await load.release(await load.createPipeline());
    })();
    const busy = await meter.invoke(MANAGER, 'getUsedCpu', { interval: 500 });
    isMeasured = true;
    await work;
    expect(calm).toBeGreaterThanOrEqual(0);
    expect(busy).toBeGreaterThan(calm);
    expect(busy).toBeLessThanOrEqual(100 * cores + 10);
  });

  kmsCase(
    'getUsedCpu blocks its connection for the interval: one connection is served one by one',
    async ({ kms }) => {
      const [slow, other] = [await kms.session(), await kms.session()];
      const startedAt = performance.now();
      const measured = slow.request(
        'invoke',
        { object: MANAGER, operation: 'getUsedCpu', operationParams: { interval: 600 } },
        'measured',
      );
      const behind = slow.request('ping', {}, 'behind');
      await other.call('ping');
      const besideMs = performance.now() - startedAt;
      await Promise.all([measured, behind]);
      expect(slow.socket.replies.map(({ id }) => id).slice(-2)).toEqual(['measured', 'behind']);
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(590);
      expect(besideMs).toBeLessThan(400);
    },
  );

  kmsCase('requests of one connection are answered in the order in which they came', async ({ kms }) => {
    const session = await kms.session();
    const pipeline = await session.createPipeline();
    const ids = Array.from({ length: 30 }, (_, index) => `in-order-${index}`);
    const asked = ids.map((id, index) =>
      index % 3 === 0
        ? session.create('WebRtcEndpoint', { mediaPipeline: pipeline }, id)
        : session.call('invoke', { object: pipeline, operation: 'getTags' }, id),
    );
    await Promise.all(asked);
    expect(session.socket.replies.map(({ id }) => id).slice(-ids.length)).toEqual(ids);
  });

  kmsCase('ObjectCreated and ObjectDestroyed tell of every object, whoever made it', async ({ kms }) => {
    const [watch, maker] = [await kms.watch(), await kms.session()];
    const pipeline = await maker.createPipeline();
    const endpoint = await maker.createEndpoint(pipeline);
    await waitFor('both to be created', () => watch.isCreated(pipeline) && watch.isCreated(endpoint));
    await maker.release(pipeline);
    for (const object of [pipeline, endpoint]) await watch.untilDestroyed(object);
  });

  kmsCase('its events name source and time, and no type', async ({ kms }) => {
    const [observer, maker] = [await kms.session(), await kms.session()];
    await observer.subscribe(MANAGER, 'ObjectCreated');
    const object = await maker.createPipeline();
    const data = await observer.socket.event('ObjectCreated', MANAGER, created => created.object === object);
    expect(data.source).toBe(MANAGER);
    expect(data).not.toHaveProperty('type');
    expect(Math.abs(Number(data.timestampMillis) - Date.now())).toBeLessThan(10_000);
  });

  kmsCase(
    'getSessions lists the sessions that hold something, padded with empty strings',
    async ({ kms }) => {
      const session = await kms.session();
      await session.createPipeline();
      const sessions: string[] = await session.invoke(MANAGER, 'getSessions');
      expect(sessions).toContain(session.id);
      expect(sessions.filter(id => id === '').length).toBeGreaterThan(0);
    },
  );

  kmsCase('getPipelines and getChildren tell what is there', async ({ kms }) => {
    const session = await kms.session();
    const pipeline = await session.createPipeline();
    const endpoints = [await session.createEndpoint(pipeline), await session.createEndpoint(pipeline)];
    const pipelines = await session.invoke(MANAGER, 'getPipelines');
    expect(pipelines).toContain(pipeline);
    for (const endpoint of endpoints) expect(pipelines).not.toContain(endpoint);
    expect((await session.invoke(pipeline, 'getChildren')).sort()).toEqual(endpoints.sort());
  });

  kmsCase('releasing a pipeline with many endpoints answers at once', async ({ kms }) => {
    const watch = await kms.watch();
    const session = await kms.session();
    const pipeline = await session.createPipeline();
    const endpoints: string[] = [];
    for (let count = 0; count < 40; count++) endpoints.push(await session.createEndpoint(pipeline));
    const startedAt = performance.now();
    await session.release(pipeline);
    expect(performance.now() - startedAt).toBeLessThan(250);
    for (const endpoint of endpoints) await watch.untilDestroyed(endpoint, 5_000);
  });

  kmsCase('answers only on its path: any other is closed', async ({ kms }) => {
    const elsewhere = new URL(kms.url);
    elsewhere.pathname = '/elsewhere';
    const outcome = await KurentoSocket.open(elsewhere.href).then(
      socket => socket.closed.then(({ code }) => `closed with ${code}`),
      () => 'not opened',
    );
    expect(['closed with 1002', 'not opened']).toContain(outcome);
  });
});
