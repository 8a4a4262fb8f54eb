import type { DeadLetters, DeliveryLog, Failpoint, Lane, WebhookDemand, WebhookOutbox } from '@manycast/core';
import type { RoomName } from '@manycast/protocol';
import { type Logger, Periodic, type Registry, type Service } from '@manycast/runtime';
import type { Config } from '../config.js';
import { post } from './post.js';
import { ReceiverFile } from './receiver-file.js';
import type { WebhookDesk } from './webhook-desk.js';
import { WebhookMetrics } from './webhook-metrics.js';
import { WebhookPump } from './webhook-pump.js';
import { type LaneWork, workLane } from './work-lane.js';

/** How soon a changed file counts, and what somebody wants is known here. */
const refreshMs = 2_000;

interface LaneReceiver {
  id: string;
  concurrency: number;
}

export interface Lanes extends Service {
  wake(room: RoomName): void;
  /** Has the lanes of these receivers worked at from now on, and of no others. */
  follow(receivers: readonly LaneReceiver[]): Promise<void>;
  counts(receiver: string): Promise<Record<string, number>>;
}

export interface WebhookAdapters {
  demand: WebhookDemand;
  outbox: WebhookOutbox;
  dead: DeadLetters;
  deliveries: DeliveryLog;
  openLanes(receivers: readonly LaneReceiver[], turn: (lane: Lane) => ReturnType<typeof workLane>): Lanes;
}

export interface WebhookSurroundings {
  registry: Registry;
  isRedisReady(): boolean;
  reach: Failpoint;
  log: Logger;
}

/** What runs of webhooks. Without receivers: a look now and then at whether other controllers have some. */
export async function composeWebhooks(
  { webhooksFile, webhooksSweepMs: sweepMs }: Pick<Config, 'webhooksFile' | 'webhooksSweepMs'>,
  adapters: WebhookAdapters,
  { registry, isRedisReady, reach, log }: WebhookSurroundings,
): Promise<{ services: Service[]; desk: WebhookDesk }> {
  const { demand, outbox, dead, deliveries } = adapters;
  const periodic = (name: string, everyMs: number, work: () => Promise<void>) =>
    new Periodic({ name, everyMs, log }, async () => {
      if (isRedisReady()) await work();
    });
  if (webhooksFile === undefined) {
    return {
      services: [periodic('webhook demand', refreshMs, () => demand.refresh())],
      desk: { outbox, dead, deliveries, receivers: () => [], lanes: async () => ({}) },
    };
  }

  const file = await ReceiverFile.open(webhooksFile, log);
  const metrics = new WebhookMetrics(registry);
  const stopping = new AbortController();
  const work: LaneWork = {
    ...{ outbox, dead, deliveries, post, metrics, reach, log },
    findReceiver: id => file.find(id),
    stopping: stopping.signal,
    now: Date.now,
  };
  const lanes = adapters.openLanes(file.all(), lane => workLane(lane, work));
  metrics.watch(() => file.all().map(({ id }) => id), {
    deadLetters: receiver => dead.count(receiver),
    lanes: receiver => lanes.counts(receiver),
  });
  const pump = new WebhookPump({ file, demand, outbox, lanes, sweepMs, log });
  return {
    services: [
      {
        name: lanes.name,
        start: async () => {
          await lanes.start();
          pump.watch();
        },
        stop: async () => {
          stopping.abort();
          await lanes.stop();
        },
      },
      new Periodic({ name: 'webhook receivers', everyMs: refreshMs, log }, async () => {
        await file.refresh();
        // Before nodes keep anything for who has come.
        await lanes.follow(file.all());
        if (isRedisReady()) await pump.announce();
      }),
      periodic('webhook sweep', sweepMs, () => pump.look()),
    ],
    desk: {
      outbox,
      dead,
      deliveries,
      receivers: () => file.all(),
      lanes: receiver => lanes.counts(receiver),
    },
  };
}
