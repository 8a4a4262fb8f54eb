import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { MediaPipeline } from '../objects/media-pipeline.js';
import type { ServerManager } from '../objects/server-manager.js';
import { serverInfo, serverMetadata } from '../server-info.js';
import { mediaObjectOperations } from './media-object.js';
import type { Operations } from './operation.js';

export const serverManagerOperations: Operations<ServerManager> = {
  ...mediaObjectOperations,
  getInfo: () => serverInfo(),
  getMetadata: () => serverMetadata,
  /** Unlike Kurento this takes no references: asking must not keep anything alive. */
  getPipelines: (_manager, _args, { server }) =>
    server
      .objects()
      .filter(object => object instanceof MediaPipeline)
      .map(pipeline => pipeline.id)
      .sort(),
  /** As many empty strings as there are sessions, then their names: that is what Kurento answers. */
  getSessions: (_manager, _args, { server }) => {
    const sessions = server.sessions.sessions();
    return [...sessions.map(() => ''), ...sessions];
  },
  getCpuCount: () => availableParallelism(),
  /** Percent of one core that this process used, measured from now over `interval` ms. Blocks its connection. */
  getUsedCpu: async (_manager, args, { signal }) => {
    const intervalMs = Math.max(1, args.integer('interval'));
    const before = process.cpuUsage();
    const beforeMs = performance.now();
    await wait(intervalMs, undefined, { signal });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 10 / (performance.now() - beforeMs);
  },
  /** Kilobytes. */
  getUsedMemory: () => Math.round(process.memoryUsage.rss() / 1024),
};
