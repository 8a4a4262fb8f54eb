import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ResumeTokens } from '@manycast/core';
import { memoryCluster } from '@manycast/core/contracts';
import { createLogger, createRegistry, Readiness } from '@manycast/runtime';
import { expect, it, onTestFinished, vi } from 'vitest';
import { fuzz, replayCorpus } from '../../../test/fuzz/fuzz-run.js';
import { nodeTarget } from '../../../test/fuzz/targets.js';
import { NodeMetrics } from './node-metrics.js';
import { Origins } from './origins.js';
import { newLimits, noIceServers, noLimits } from './testing/limits.js';
import { WsServer } from './ws-server.js';

const sdp = 'v=0\r\na=ice-ufrag:mine\r\n';

it('hostile bytes on the raw socket crash no node, and leave no session', async () => {
  const cluster = await memoryCluster({ presenterWaitMs: 20 });
  const metrics = new NodeMetrics(createRegistry());
  const http = createServer().listen(0, '127.0.0.1');
  const ws = new WsServer({
    ...noLimits,
    http,
    readiness: new Readiness({}),
    cluster,
    tokens: new ResumeTokens('a secret of this test'),
    nodeAddresses: () => [],
    iceServers: noIceServers,
    brakes: newLimits({}, metrics),
    origins: new Origins([]),
    metrics,
    log: createLogger({ name: 'test', level: 'silent' }),
    maxFrameBytes: 65_536,
    maxSockets: 10_000,
    maxBufferedBytes: 1_048_576,
    maxChatBufferedBytes: 262_144,
    heartbeatMs: 10_000,
    firstMessageMs: 600_000,
    drainMs: 100,
  });
  await once(http, 'listening');
  await ws.start();
  onTestFinished(async () => {
    await ws.stop();
    http.closeAllConnections();
    http.close();
  });
  const port = (http.address() as AddressInfo).port;
  const here = { port, process: { isRunning: () => true } };
  const target = nodeTarget(here as never, { presenter: sdp, viewer: sdp });
  expect(await replayCorpus(target)).toBeGreaterThan(10);
  await fuzz(target, { seed: 3, frames: 5_000, deadlineMs: 30_000 });
  await vi.waitFor(() => expect([...ws.connections()]).toEqual([]), 60_000);
  await cluster.undo.settled();
  expect(metrics.sessionCount).toBe(0);
}, 240_000);
