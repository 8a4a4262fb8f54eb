import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Prometheus } from '../support/prometheus.js';
import { ResumingClient } from '../support/resuming-client.js';
import { Stage } from '../support/stage.js';
import { waitFor } from '../support/wait-for.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';
import { readExposition, type ShownMetric } from './exposition.js';
import { allQueries, readRules, rulesFile } from './monitoring-files.js';
import { promtool } from './promtool.js';
import { queryProblems } from './query-problems.js';

/** What is only counted when something goes wrong, or rests on it. */
const inTroubleOnly = [
  ...['redis_errors', 'failovers', 'reconcile_repairs', 'undo_retries', 'message_errors', 'socket_closes'],
  ...['unknown_events', 'expiries', 'join_failures', 'resume_refusals', 'webhook_dead_letters_dropped'],
];

const controllerEnv: Record<string, string> = { MANYCAST_RECONCILE_MS: '500' };
const folder = mkdtempSync(join(tmpdir(), 'manycast-monitoring-'));
let receiver: WebhookReceiver;
// Before the stage's own: its controllers read the file as they start.
beforeAll(async () => {
  const secret = 'a-secret-of-the-receiver';
  receiver = await WebhookReceiver.start({ secret, isReliable: true });
  controllerEnv.MANYCAST_WEBHOOKS_FILE = join(folder, 'webhooks.json');
  const receivers = [{ id: 'crm', url: receiver.url, secrets: [secret], events: ['room.*'] }];
  writeFileSync(controllerEnv.MANYCAST_WEBHOOKS_FILE, JSON.stringify({ receivers }));
});
const stage = new Stage({ nodes: 2, controllers: 1, controllerEnv });
const texts: Record<string, string> = {};
let prometheus: Prometheus;

const httpUrls = (): Record<string, string> => ({
  node: stage.node(0).httpUrl,
  controller: stage.cluster.controllers[0]?.httpUrl ?? '',
  'embedded media server': `http://127.0.0.1:${stage.cluster.media[0]?.port}`,
});

/** A broadcast that is seen, and a session that moves from one node to the other. */
async function useEverything(): Promise<void> {
  const room = stage.newRoom();
  const presenter = await stage.presenter(0, room);
  await stage.viewer(1, room);
  const resuming = await ResumingClient.open('viewer', stage.node(0).wsUrl('/one2many'), room);
  await resuming.join();
  await resuming.comeBack(stage.node(1).wsUrl('/one2many'));
  await resuming.leave();
  presenter.stop();
  await waitFor('the receiver of webhooks to be told', () =>
    receiver.events.get(room)?.some(({ type }) => type === 'room.ended'),
  );
}

beforeAll(async () => {
  const address = (url: string) => new URL(url).host;
  const { node: _node, controller, ...media } = httpUrls();
  prometheus = await Prometheus.start({
    rulesFile,
    jobs: {
      'manycast-signaling': stage.cluster.nodes.map(({ httpUrl }) => address(httpUrl)),
      'manycast-controller': [address(controller ?? '')],
      'manycast-media': Object.values(media).map(address),
    },
  });
  // A rate needs two scrapes: the counters' first values, and what is counted now.
  await waitFor('a first scrape', async () => (await prometheus.query('up == 1')).length === 4, {
    timeoutMs: 30_000,
  });
  await useEverything();
  await waitFor(
    'the guard to be seen by a scrape',
    async () => (await prometheus.query('max(rate(manycast_resumes_total[5m])) > 0')).length > 0,
    { timeoutMs: 30_000 },
  );
  for (const [name, url] of Object.entries(httpUrls()))
    texts[name] = await (await fetch(`${url}/metrics`)).text();
});
afterAll(async () => {
  await prometheus?.stop();
  await receiver?.close();
  rmSync(folder, { recursive: true });
});

const shownBy = (name: string): Map<string, ShownMetric> => readExposition(texts[name] ?? '');

describe.each(['node', 'controller', 'embedded media server'])('/metrics of a live %s', name => {
  it('is what promtool wants of it', () => {
    expect(promtool(['check', 'metrics'], texts[name])).toEqual({ code: 0, output: '' });
  });

  it('has few series, and none for a room or a session', () => {
    const shown = [...shownBy(name)];
    const total = shown.reduce((sum, [, { series }]) => sum + series, 0);
    expect(total).toBeLessThan(1_000);
    for (const [metric, { labels }] of shown)
      expect(
        [...labels].filter(label => /room|session|node$|user|trace/.test(label)),
        metric,
      ).toEqual([]);
    expect(texts[name]).not.toMatch(/room-\d|[0-9a-f]{8}-[0-9a-f]{4}-4/);
  });

  it('says of each metric what it is, in its base unit', () => {
    for (const [metric, { help, type }] of shownBy(name)) {
      expect(help.length, metric).toBeGreaterThan(10);
      expect(metric).not.toMatch(/_(ms|milliseconds|kb|minutes)(_|$)/);
      if (type === 'counter') expect(metric).toMatch(/_total$/);
    }
  });

  it('says which release it is', () => {
    expect(texts[name]).toMatch(/^manycast_build_info\{version="\d+\.\d+\.\d+",node_version="v\d+/m);
  });
});

it('promtool objects to what is misnamed', () => {
  const { code, output } = promtool(
    ['check', 'metrics'],
    '# HELP joins_total Joins\n# TYPE joins_total gauge\njoins_total 1\n',
  );
  expect(code).not.toBe(0);
  expect(output).toContain('joins_total');
});

describe('every query of the dashboards and rules', () => {
  const recorded = new Set(readRules().flatMap(({ record }) => record ?? []));

  it('asks for metrics and labels that live processes show', () => {
    const shown = new Map([...shownBy('node'), ...shownBy('controller')]);
    expect(queryProblems(allQueries(), shown, recorded)).toEqual([]);
  });

  it.each(allQueries())('is answered by Prometheus: $title', async ({ expr }) => {
    const asked = expr.replaceAll('$instance', '.*');
    const mayBeEmpty =
      / [<>=]+ [\d.]+\)*$/.test(asked) ||
      inTroubleOnly.some(name => asked.includes(name)) ||
      /outcome!="accepted"/.test(asked);
    if (mayBeEmpty) return void (await prometheus.query(asked));
    // A recording rule upon another takes a round of evaluation more.
    await waitFor(`an answer to ${asked}`, async () => (await prometheus.query(asked)).length > 0, {
      timeoutMs: 20_000,
    });
  });
});

it('nobody is woken by a sound cluster', async () => {
  expect(await prometheus.query('ALERTS{alertstate="firing"}')).toEqual([]);
});
