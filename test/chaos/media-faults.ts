import { setTimeout as pause } from 'node:timers/promises';
import { asMediaServerUrl } from '@manycast/protocol';
import type { Cluster } from '../support/cluster.js';
import type { openStores } from '../support/cluster-stores.js';
import type { EmbeddedMedia } from '../support/embedded-media.js';
import type { Random } from './random.js';

const againMs = 200;

/** What can be done to the media servers of a cluster: at any time at least one is left alone. */
export class MediaFaults {
  /** Indices of those to which something is being done. */
  readonly #busy = new Set<number>();

  constructor(
    private readonly cluster: Cluster,
    private readonly stores: Awaited<ReturnType<typeof openStores>>,
    private readonly collectorPeriodMs: number,
  ) {}

  /** One to which something may be done, from now until that is over; undefined when it is the last. */
  pick(random: Random): number | undefined {
    const free = this.cluster.media.map((_, index) => index).filter(index => !this.#busy.has(index));
    return free.length > 1 ? random.pick(free) : undefined;
  }

  nameOf(index: number): string {
    return this.cluster.gates[index]?.url ?? '';
  }

  /** Ends as `signal` has it end, and another comes at its address. */
  restart(index: number, signal: 'SIGKILL' | 'SIGTERM', awayMs: number): Promise<void> {
    return this.#during(index, async ({ process }) => {
      process.kill(signal);
      await process.exited;
      await pause(awayMs);
      await this.cluster.restartMedia(index, { collectorPeriodMs: this.collectorPeriodMs });
    });
  }

  standStill(index: number, forMs: number): Promise<void> {
    return this.#during(index, async ({ process }) => {
      process.kill('SIGSTOP');
      await pause(forMs);
      process.kill('SIGCONT');
    });
  }

  /** Fails as `order` says, and is well again after that. */
  fail(index: number, order: string, forMs: number): Promise<void> {
    return this.#during(index, async media => {
      await media.fail(order);
      await pause(forMs);
      await media.fail('well');
    });
  }

  /** Its rooms have to move, and after that it takes rooms again, whether they have or not. */
  drain(index: number, deadlineMs: number, undrainedAfterMs: number): Promise<void> {
    const url = asMediaServerUrl(this.nameOf(index));
    return this.#during(index, async () => {
      await this.stores.servers.drain(url, deadlineMs).catch(() => undefined);
      await pause(undrainedAfterMs);
      // Redis may be away, or have come back with what others remember.
      for (;;) {
        const isUndrained = await this.stores.servers.undrain(url).then(
          () => true,
          () => false,
        );
        if (isUndrained) break;
        await pause(againMs);
      }
    });
  }

  async #during(index: number, work: (media: EmbeddedMedia) => Promise<void>): Promise<void> {
    this.#busy.add(index);
    try {
      await work(this.cluster.media[index] as EmbeddedMedia);
    } finally {
      this.#busy.delete(index);
    }
  }
}
