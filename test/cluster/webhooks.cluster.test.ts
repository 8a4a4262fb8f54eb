import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Controller, startController } from '../support/controller.js';
import { printFigure } from '../support/figures.js';
import { freePort } from '../support/free-port.js';
import { readMetric } from '../support/metric.js';
import { Stage } from '../support/stage.js';
import { waitFor } from '../support/wait-for.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const ROOMS = 12;
const BROADCASTS = 4;
const ofOneBroadcast = ['presenter.joined', 'room.live', 'room.ended'];
const timeoutMs = 60_000;

describe('webhooks', () => {
  const controllerEnv: Record<string, string> = { MANYCAST_WEBHOOKS_SWEEP_MS: '1000' };
  let folder: string;
  let unreliable: WebhookReceiver;
  let reliable: WebhookReceiver;
  let absent: WebhookReceiver;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manycast-webhooks-'));
    unreliable = await WebhookReceiver.start({ secret: 'the-secret-in-use', isReliable: false });
    reliable = await WebhookReceiver.start({ secret: 'another-secret-16', isReliable: true });
    absent = await WebhookReceiver.start({ secret: 'the-third-secret-16', isReliable: true });
    await absent.close();
    const file = join(folder, 'webhooks.json');
    controllerEnv.MANYCAST_WEBHOOKS_FILE = file;
    const usual = { events: ['presenter.*', 'room.*'], retryMaxMs: 400, timeoutMs: 2_000 };
    const receivers = [
      // The first secret is one that the receiver does not know yet.
      {
        id: 'unreliable',
        url: unreliable.url,
        secrets: ['the-secret-to-come', 'the-secret-in-use'],
        ...usual,
      },
      { id: 'reliable', url: reliable.url, secrets: ['another-secret-16'], ...usual },
      { id: 'absent', url: absent.url, secrets: ['the-third-secret-16'], ...usual, giveUpAfterMs: 1_000 },
    ];
    await writeFile(file, JSON.stringify({ receivers }));
  });
  const stage = new Stage({ nodes: 2, controllers: 1, controllerEnv });
  afterAll(async () => {
    await Promise.all([unreliable, reliable, absent].map(receiver => receiver?.close()));
    await rm(folder, { recursive: true, force: true });
  });

  /** Somebody presents and stops, again and again, now on one node and now on the other. */
  async function broadcasts(room: string, index: number): Promise<void> {
    const sockets = [await stage.wire(index), await stage.wire(index + 1)] as const;
    const offer = { id: 'presenter', sdpOffer: stage.offers.presenter, room };
    for (let i = 0; i < BROADCASTS; i += 1) {
      const wire = sockets[i % 2] as (typeof sockets)[number];
      await waitFor(
        `${room} to be free`,
        // One that is late is not asked for again: it would be a broadcast more.
        async () => (await wire.ask(offer, 'presenterResponse', timeoutMs)).response === 'accepted',
        { timeoutMs },
      );
      wire.send({ id: 'stop' });
    }
  }

  /** A node learns within seconds what receivers want; what happened before that is not kept for them. */
  async function untilKept(index: number): Promise<void> {
    await waitFor(
      `node ${index} to keep what receivers want`,
      async () => {
        const room = stage.newRoom();
        const presenter = await stage.presentingWire(index, room);
        presenter.send({ id: 'stop' });
        return waitFor('its events', () => reliable.events.has(room), { timeoutMs: 1_000 });
      },
      { timeoutMs },
    );
  }

  /** One that an operator can talk to. */
  async function addAdmin(): Promise<string> {
    const port = await freePort();
    const controller = await startController({
      redisUrl: stage.cluster.redis.url,
      mediaServers: stage.cluster.gates.map(({ url }) => url),
      env: { ...controllerEnv, MANYCAST_ADMIN_OPEN: 'true', MANYCAST_ADMIN_PORT: String(port) },
    });
    stage.cluster.controllers.push(controller);
    return `http://127.0.0.1:${port}/v1/webhooks`;
  }

  const died = async (controller: Controller) => {
    await controller.process.exited;
    stage.cluster.forget(controller);
  };

  it('each event once and in the order of its room, though a receiver fails half the time and controllers die', async () => {
    const { cluster } = stage;
    const redis = new Redis(cluster.redis.url);
    onTestFinished(() => redis.disconnect());
    for (const index of cluster.nodes.keys()) await untilKept(index);
    const first = cluster.controllers[0] as Controller;
    const victims = await Promise.all([
      cluster.addController(['kill', 'webhook:posted']),
      cluster.addController(['kill', 'webhook:failed']),
      cluster.addController(['kill', 'webhook:advanced']),
    ]);
    await cluster.kill(first);

    const rooms = Array.from({ length: ROOMS }, () => stage.newRoom());
    const total = ROOMS * BROADCASTS * ofOneBroadcast.length;
    const takenBy = ({ events }: WebhookReceiver) =>
      rooms.reduce((sum, room) => sum + (events.get(room)?.length ?? 0), 0);
    const isTold = (receiver: WebhookReceiver, count: number) =>
      waitFor(`${count} events to be taken`, () => takenBy(receiver) >= count, {
        timeoutMs,
        actual: () => [takenBy(receiver), receiver.figures],
      });
    const happening = Promise.all(rooms.map(broadcasts));
    await Promise.all(victims.map(died));
    const [third] = await Promise.all([cluster.addController(), cluster.addController()]);
    await isTold(unreliable, total / 4);
    await unreliable.close();
    await cluster.kill(third);
    // What is published while they are away is lost.
    await redis.client('KILL', 'TYPE', 'PUBSUB');
    await isTold(reliable, total / 2);
    await unreliable.open();
    await isTold(unreliable, (3 * total) / 4);
    await unreliable.close();
    await happening;
    await unreliable.open();
    await Promise.all([isTold(unreliable, total), isTold(reliable, total)]);
    // Nothing comes after that, and nothing waits.
    await waitFor('the outboxes to be empty', async () => (await redis.keys('*:outbox')).length === 0, {
      timeoutMs,
      actual: () => [unreliable.figures, reliable.figures],
    });
    expect(await redis.keys('*:lanes')).toEqual([]);

    // What was given up is sent again when an operator says so.
    const api = await addAdmin();
    const { deadLetters } = await (await fetch(`${api}/absent/dead-letters?limit=500`)).json();
    const givenUp = deadLetters.filter(({ room }: { room: string }) => rooms.includes(room));
    expect(givenUp).toHaveLength(total);
    expect(givenUp[0]).toMatchObject({ reason: 'ECONNREFUSED' });
    await absent.open();
    const ordered = await (await fetch(`${api}/absent/dead-letters/replay`, { method: 'POST' })).json();
    expect(ordered).toEqual({ replayed: deadLetters.length, left: 0 });
    await isTold(absent, total);
    const [last] = (await (await fetch(`${api}/absent/deliveries?limit=1`)).json()).deliveries;
    expect(last).toMatchObject({ outcome: 'delivered', status: 204 });

    const whatItDoes = new Map([
      [unreliable, 'fails half the time and is restarted twice'],
      [reliable, 'does not fail'],
      [absent, 'comes after everything was given up'],
    ]);
    const expected = Array.from({ length: BROADCASTS }, () => ofOneBroadcast).flat();
    for (const receiver of whatItDoes.keys()) {
      for (const room of rooms)
        expect(
          receiver.events.get(room)?.map(({ type }) => type),
          room,
        ).toEqual(expected);
      expect(receiver.figures.forged).toBe(0);
      const { requests, refused, takenAgain } = receiver.figures;
      printFigure(
        `webhooks to a receiver that ${whatItDoes.get(receiver)}`,
        `${total} events of ${ROOMS} rooms, ${requests} requests, ${refused} failed, lost 0, out of order 0, ` +
          `${takenAgain} came again with an id that had been taken`,
      );
    }
    const [{ httpUrl }] = cluster.controllers as [Controller];
    const delivered = await readMetric(httpUrl, 'manycast_webhook_attempts_total', {
      receiver: 'unreliable',
      outcome: 'delivered',
    });
    expect(delivered).toBeGreaterThan(0);
    expect(await readMetric(httpUrl, 'manycast_webhook_dead_letters', { receiver: 'unreliable' })).toBe(0);
  });

  it('a receiver comes and goes with its line in the file, without a restart', async () => {
    const added = await WebhookReceiver.start({ secret: 'the-fourth-secret-16', isReliable: true });
    onTestFinished(() => added.close());
    const file = String(controllerEnv.MANYCAST_WEBHOOKS_FILE);
    const before = await readFile(file, 'utf8');
    const own = { id: 'added', url: added.url, secrets: ['the-fourth-secret-16'], events: ['room.live'] };
    await writeFile(file, JSON.stringify({ receivers: [...JSON.parse(before).receivers, own] }));
    /** Of how many rooms, one after the other, it was told as the others were. */
    const toldOf = async (receiver: WebhookReceiver) => {
      const rooms = Array.from({ length: 4 }, () => stage.newRoom());
      for (const room of rooms) {
        const presenter = await stage.presentingWire(0, room);
        await waitFor('the others to be told', () => reliable.events.has(room), { timeoutMs });
        presenter.send({ id: 'stop' });
      }
      return rooms.filter(room => receiver.events.has(room)).length;
    };
    await waitFor('the one that came to be told', async () => (await toldOf(added)) > 0, { timeoutMs });
    await writeFile(file, before);
    await waitFor('the one that went to be told no more', async () => (await toldOf(added)) === 0, {
      timeoutMs,
    });
    expect(added.figures.forged).toBe(0);
  });
});
