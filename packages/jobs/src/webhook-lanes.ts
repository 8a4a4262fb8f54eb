import type { Lane } from '@manycast/core';
import type { RoomName } from '@manycast/protocol';
import type { Logger, Service } from '@manycast/runtime';
import { FailFastQueue } from './fail-fast-queue.js';
import type { JobConnections } from './job-connections.js';
import { LastingWorker, type Outcome } from './lasting-worker.js';

/** `concurrency`: lanes of it that this process works at a time. */
export interface LaneReceiver {
  id: string;
  concurrency: number;
}

export interface WebhookLanesOptions {
  redis: JobConnections;
  /** Of every key; with a hash tag, so that all of it is in one slot of a Redis Cluster. */
  prefix: string;
  log: Logger;
  /** At first. Each has a queue and workers of its own: one that answers slowly holds up no other. */
  receivers: readonly LaneReceiver[];
  lockMs?: number;
}

/**
 * Has lanes looked at: by one worker at a time however many controllers there are, and again later when it says so.
 * A lane is one job while there may be something to do, and nothing otherwise. Waking is best effort: what is missed
 * is found by whoever looks through the outboxes.
 */
export class WebhookLanes implements Service {
  readonly name = 'webhook lanes';
  readonly #tracks: Map<string, Track>;
  #isStopped = false;

  constructor(
    private readonly options: WebhookLanesOptions,
    private readonly processor: (lane: Lane) => Promise<Outcome>,
  ) {
    this.#tracks = new Map(options.receivers.map(receiver => [receiver.id, this.#newTrack(receiver)]));
  }

  /** Something may be there for every receiver. */
  wake(room: RoomName): void {
    for (const track of this.#tracks.values()) track.wake(room);
  }

  /** Lanes of a receiver by state. Throws SignalError `unavailable`. */
  async counts(receiver: string): Promise<Record<string, number>> {
    return (await this.#tracks.get(receiver)?.queue.counts()) ?? {};
  }

  async start(): Promise<void> {
    await Promise.all([...this.#tracks.values()].map(({ worker }) => worker.start()));
  }

  /**
   * These are the receivers from now on. What waits for one that has gone stays in its queue, where it finds it when it comes
   * back; one that wants another concurrency has its workers exchanged.
   */
  async follow(receivers: readonly LaneReceiver[]): Promise<void> {
    if (this.#isStopped) return;
    const wanted = new Map(receivers.map(({ id, concurrency }) => [id, concurrency]));
    const leaving = [...this.#tracks].filter(([id, track]) => wanted.get(id) !== track.concurrency);
    for (const [id] of leaving) this.#tracks.delete(id);
    const coming = receivers.filter(({ id }) => !this.#tracks.has(id)).map(this.#newTrack);
    for (const track of coming) this.#tracks.set(track.id, track);
    await Promise.all([
      ...leaving.map(([, track]) => track.stop()),
      ...coming.map(({ worker }) => worker.start()),
    ]);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#tracks.values()].map(track => track.stop()));
  }

  #newTrack = (receiver: LaneReceiver): Track => new Track(receiver, this.options, this.processor);
}

/**
 * The lanes of one receiver.
 *
 * A lane that is woken while its job is being ended would sleep on: BullMQ takes no second job of an id while the
 * first is there. So what is woken during its turn is woken again after it; and of many wakings at once no more than
 * one is under way and one remembered.
 */
class Track {
  readonly id: string;
  readonly concurrency: number;
  readonly queue: FailFastQueue<{ room: RoomName }>;
  readonly worker: LastingWorker<{ room: RoomName }>;
  readonly #log: Logger;
  /** Rooms with a turn under way here → whether they were woken since it began. */
  readonly #turns = new Map<RoomName, boolean>();
  /** Rooms whose job is being added → whether they were woken since. */
  readonly #wakings = new Map<RoomName, boolean>();

  constructor(
    { id, concurrency }: LaneReceiver,
    { redis, prefix, log, lockMs }: WebhookLanesOptions,
    processor: (lane: Lane) => Promise<Outcome>,
  ) {
    const name = `webhooks.${id}`;
    this.id = id;
    this.concurrency = concurrency;
    this.#log = log;
    this.queue = new FailFastQueue({ name, redis, prefix, log });
    this.worker = new LastingWorker(
      {
        ...{ queue: name, redis, prefix, log, concurrency, lockMs },
        onGone: ({ room }) => {
          const wasWoken = this.#turns.get(room);
          this.#turns.delete(room);
          if (wasWoken) this.wake(room);
        },
      },
      async ({ room }) => {
        this.#turns.set(room, false);
        try {
          const outcome = await processor({ receiver: id, room });
          if (outcome !== 'done') this.#turns.delete(room);
          return outcome;
        } catch (error) {
          this.#turns.delete(room);
          throw error;
        }
      },
    );
  }

  async stop(): Promise<void> {
    await this.worker.stop();
    await this.queue.close();
  }

  wake(room: RoomName): void {
    if (this.#turns.has(room)) this.#turns.set(room, true);
    if (this.#wakings.has(room)) return void this.#wakings.set(room, true);
    this.#wakings.set(room, false);
    this.queue
      .add({ room }, { jobId: `room/${room}`, ...jobOptions })
      .catch(error => this.#log.debug({ err: error, room }, 'lane not woken'))
      .finally(() => {
        const wasWoken = this.#wakings.get(room);
        this.#wakings.delete(room);
        if (wasWoken) this.wake(room);
      });
  }
}

/** Nothing is kept of a turn that is over: as long as its id is there the lane could not be woken. */
const jobOptions = {
  removeOnComplete: true,
  removeOnFail: true,
  /** Of what fails without an outcome, as in an outage of Redis. */
  attempts: 1_000,
  backoff: { type: 'custom' },
} as const;
