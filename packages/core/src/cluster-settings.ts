import { asMediaServerUrl } from '@manycast/protocol';
import { listOf, urlWith, wholeNumber } from '@manycast/runtime';
import { usualCapacity } from './domain/media-server.js';

/** What nodes and controllers of a cluster both know, and are best told the same: to be spread into their schemas. */
export const clusterSettings = {
  mediaServers: listOf(urlWith('ws', 'wss'))
    .transform(urls => [...new Set(urls)].map(asMediaServerUrl))
    .default([])
    .describe('media servers that never change; others come by DNS, the registrar or the admin API'),
  mediaServerCapacity: wholeNumber(1, 1_000_000)
    .default(usualCapacity)
    .describe('endpoints that one media server may have'),
  mediaTimeoutMs: wholeNumber(100, 60_000)
    .default(5_000)
    .describe('a media server that does not answer for this long has failed'),
  mediaSilenceMs: wholeNumber(300, 60_000)
    .default(1_200)
    .describe('a media server that answers nothing for this long is lost to this process'),
  mediaBeatMs: wholeNumber(50, 10_000)
    .default(500)
    .describe('how often the pool is told which media servers this process sees, when nothing changes'),
  presenterGraceMs: wholeNumber(0, 3_600_000)
    .default(30_000)
    .describe('how long a presenter without a socket keeps its room'),
  viewerGraceMs: wholeNumber(0, 3_600_000)
    .default(30_000)
    .describe('how long a viewer without a socket keeps its place'),
};
