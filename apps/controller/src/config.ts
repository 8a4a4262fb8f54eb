import { fileURLToPath } from 'node:url';
import { clusterSettings } from '@manycast/core';
import { listOf, logLevel, redisSettings, wholeNumber } from '@manycast/runtime';
import { z } from 'zod';
import { parseDnsSource } from './discovery/dns-source.js';

const dnsSource = z.string().transform((text, context) => {
  const source = parseDnsSource(text);
  if (source) return source;
  context.addIssue('must be like dns+ws://name:8888/kurento or srv+ws://_kurento._tcp.name/kurento');
  return z.NEVER;
});

const builtConsole = fileURLToPath(new URL('../../console/dist-operator', import.meta.url));

/** Every setting of a controller. `redisUrl` is read from `MANYCAST_REDIS_URL`, and so on. */
export const configSchema = z
  .object({
    host: z.string().default('0.0.0.0').describe('address to listen on'),
    port: wholeNumber(0, 65_535).default(8090).describe('port for health and metrics; 0 takes a free one'),
    ...redisSettings,
    ...clusterSettings,
    mediaDns: listOf(dnsSource)
      .default([])
      .describe(
        'names that stand for media servers: dns+ws://media:8888/kurento (addresses), srv+ws://_kurento._tcp.media/kurento (targets and ports)',
      ),
    mediaDnsMs: wholeNumber(1_000, 600_000)
      .default(10_000)
      .describe('longest pause between two look-ups of those names; a shorter TTL makes it shorter'),
    dnsServers: listOf(z.string())
      .default([])
      .describe('DNS servers to ask for those names, such as 10.0.0.10:53; the system’s unless given'),
    mediaLeaveMs: wholeNumber(0, 86_400_000)
      .default(300_000)
      .describe('how long the rooms of a media server that DNS names no more have to move'),
    registrarPort: wholeNumber(0, 65_535)
      .optional()
      .describe('port on which media servers may dial in and register; without it there is none'),
    mediaLinks: wholeNumber(1, 64)
      .default(2)
      .describe('connections to each media server; one is served strictly serially'),
    relocations: wholeNumber(1, 1_000)
      .default(32)
      .describe('rooms that this controller moves, or gives another media server, at a time'),
    reconcileMs: wholeNumber(100, 600_000)
      .default(5_000)
      .describe('pause between two comparisons of Redis with the media servers'),
    orphanMs: wholeNumber(1_000, 600_000)
      .default(10_000)
      .describe(
        'how long a media object must be seen without an owner before it is released; longer than any join',
      ),
    settleMs: wholeNumber(100, 600_000)
      .default(5_000)
      .describe(
        'how long nodes and clients have after an outage of Redis before anything is taken from them',
      ),
    rebuildMs: wholeNumber(100, 600_000)
      .default(12_000)
      .describe('the same after Redis came back empty, when nodes put back what they know'),
    stopDeadlineMs: wholeNumber(100, 600_000)
      .default(10_000)
      .describe('a stop that takes longer ends the process anyway'),
    adminHost: z.string().default('127.0.0.1').describe('address on which the admin API listens'),
    adminPort: wholeNumber(0, 65_535).default(8190).describe('port of the admin API; 0 takes a free one'),
    adminTokensFile: z
      .string()
      .optional()
      .describe(
        'who may use the admin API: a line each, `read NAME TOKEN` or `write NAME TOKEN`; without it there is none',
      ),
    adminPagesDir: z
      .string()
      .default(builtConsole)
      .describe('folder of the operator’s console, which the admin API’s listener serves'),
    adminOpen: z
      .enum(['true', 'false'])
      .default('false')
      .transform(value => value === 'true')
      .describe('true: no tokens; everybody on this machine may do everything. For development'),
    webhooksFile: z
      .string()
      .optional()
      .describe('receivers of webhooks, as JSON: docs/webhooks.md; without it nobody is told'),
    webhooksSweepMs: wholeNumber(100, 600_000)
      .default(30_000)
      .describe('how often all rooms are looked through for events whose announcement was lost'),
    logLevel: logLevel.default('info').describe('trace, debug, info, warn, error or silent'),
  })
  .superRefine(({ adminOpen, adminHost, adminTokensFile }, context) => {
    if (!adminOpen) return;
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['adminOpen'], message });
    if (!/^(127\.|localhost$|::1$)/.test(adminHost))
      refuse(`an open admin API listens on this machine only, not on ${adminHost}`);
    if (adminTokensFile) refuse('either open or with tokens, not both');
  });
export type Config = z.infer<typeof configSchema>;
