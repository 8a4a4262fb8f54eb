import type { JournalEntry, RoomView, Session } from '@manycast/core';
import { expect, it } from 'vitest';
import { type EndpointSight, type Facts, verdictOf } from './verdict.js';

const nowMs = 1_000_000;
const media = { generation: 2, server: 'ws://media-0/kurento', pipeline: 'p', endpoint: 'e' };
const viewer = { role: 'viewer', speech: 'manycast.v1', node: 'node-1', epoch: 1, media, detachedAtMs: null };
const presenter = { ...viewer, role: 'presenter' };
const live = { state: 'live', generation: 2, presenter: 's-p' };

const seen = (inPerS: number, outPerS: number, connection = 'connected'): EndpointSight =>
  ({ state: 'seen', figures: { connection }, bytesInPerS: inPerS, bytesOutPerS: outPerS }) as EndpointSight;
const happened = (...whats: JournalEntry['what'][]): JournalEntry[] =>
  whats.map((what, index) => ({ what, atMs: nowMs - 10_000 + index }) as JournalEntry);

const healthy: Facts = {
  nowMs,
  session: viewer as unknown as Session,
  entries: happened('offered', 'answered', 'connected', 'media-flowing'),
  room: live as RoomView,
  isNodeLive: true,
  own: seen(0, 125_000),
  presenter: seen(125_000, 0),
};
const rejected = [{ ...happened('rejected')[0], detail: { code: 'pool-full' } } as JournalEntry];

it.each<[string, Partial<Facts> | { session: object }, RegExp]>([
  ['flowing', {}, /sends it 1000 kbit\/s/],
  ['refused', { session: null, entries: rejected }, /10 s ago \(pool-full\): no media server has room/],
  ['ended', { session: null, entries: happened('offered', 'left') }, /has ended/],
  ['detached', { session: { ...viewer, detachedAtMs: nowMs - 4_000 } }, /lost its socket 4 s ago/],
  [
    'detached',
    { session: { ...viewer, speech: 'tutorial', detachedAtMs: nowMs - 300_000 } },
    /5 min ago.*tutorial page/,
  ],
  ['node-dead', { isNodeLive: false }, /node-1/],
  ['joining', { session: { ...viewer, media: null } }, /not been answered/],
  ['media-moved', { room: { ...live, generation: 3 } as RoomView }, /built anew/],
  ['server-unreachable', { own: { state: 'unreachable' } }, /ws:\/\/media-0/],
  ['endpoint-gone', { own: { state: 'gone' } }, /does not know its endpoint/],
  [
    'never-connected',
    { own: seen(0, 0, 'disconnected'), entries: happened('connected', 'answered') },
    /firewall/,
  ],
  ['connection-lost', { own: seen(0, 0, 'disconnected') }, /is lost/],
  ['presenter-missing', { room: { ...live, presenter: null } as RoomView }, /nobody presents/],
  ['presenter-missing', { presenter: { state: 'gone' } }, /nobody presents/],
  ['presenter-unreachable', { presenter: { state: 'unreachable' } }, /cannot be asked/],
  ['presenter-disconnected', { presenter: seen(0, 0, 'disconnected') }, /Diagnose the presenter/],
  ['presenter-silent', { presenter: seen(0, 0) }, /sends nothing/],
  ['not-forwarded', { own: seen(0, 0) }, /none goes out/],
  ['sends-nothing', { session: presenter, own: seen(0, 0) }, /camera/],
  ['flowing', { session: presenter, own: seen(250_000, 0) }, /sends 2000 kbit\/s/],
])('%s: %o', (code, facts, words) => {
  const verdict = verdictOf({ ...healthy, ...facts } as Facts);
  expect(verdict.code).toBe(code);
  expect(verdict.words).toMatch(words);
  expect(verdict.words).toMatch(/\.$/);
});
