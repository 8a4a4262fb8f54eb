import { sourcesOf, type WebhookDemand, type WebhookOutbox } from '@manycast/core';
import type { RoomName } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import type { ReceiverFile } from './receiver-file.js';

export interface WebhookPumpOptions {
  file: ReceiverFile;
  demand: WebhookDemand;
  outbox: WebhookOutbox;
  lanes: { wake(room: RoomName): void };
  /** How often all outboxes are looked through, by whichever controller comes first. */
  sweepMs: number;
  log: Logger;
}

/** Says what receivers want, and wakes the lanes of rooms in which something happened. */
export class WebhookPump {
  private sweeping: Promise<void> | undefined;
  /** Something may have been missed since the sweep under way began. */
  private isSweptAgain = false;

  constructor(private readonly options: WebhookPumpOptions) {}

  /** From now on lanes are woken as rooms change, and all of them when a change may not have been heard of. */
  watch(): void {
    const { outbox, lanes } = this.options;
    outbox.watch({ onChange: room => lanes.wake(room), onGap: () => void this.sweep() });
  }

  /** Nodes keep what the receivers want as long as somebody says so. */
  async announce(): Promise<void> {
    const { file, demand } = this.options;
    await demand.announce(file.all().map(({ id, events }) => ({ id, sources: sourcesOf(events) })));
  }

  /** Pub/sub may lose a message without anybody's knowing. */
  async look(): Promise<void> {
    const { outbox, sweepMs } = this.options;
    if (await outbox.claimLook(sweepMs)) await this.sweep();
  }

  private sweep(): Promise<void> {
    const { outbox, lanes, log } = this.options;
    this.isSweptAgain = this.sweeping !== undefined;
    this.sweeping ??= (async () => {
      for await (const room of outbox.rooms()) lanes.wake(room);
    })()
      .catch(err => log.debug({ err }, 'outboxes not looked through'))
      .finally(() => {
        this.sweeping = undefined;
        if (this.isSweptAgain) void this.sweep();
      });
    return this.sweeping;
  }
}
