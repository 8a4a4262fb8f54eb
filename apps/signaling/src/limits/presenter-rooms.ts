import { type Logger, Periodic, type Service } from '@manycast/runtime';
import type { Connection } from '../connection.js';

/** How long a room counts after its presenter's node has last said so: longer than the grace period of most. */
export const presentingTtlMs = 90_000;
const everyMs = 30_000;

/** Says again and again which rooms the presenters of this node are live in, so that they count over all nodes. */
export class PresenterRooms implements Service {
  readonly name = 'presenter rooms';
  private readonly periodic: Periodic;

  constructor(connections: () => Iterable<Connection>, log: Logger) {
    this.periodic = new Periodic({ name: this.name, everyMs, log }, async () => {
      for (const { present } of connections()) await present?.admission.keepRoom();
    });
  }

  start(): Promise<void> {
    return this.periodic.start();
  }

  stop(): Promise<void> {
    return this.periodic.stop();
  }
}
