import { setTimeout as pause } from 'node:timers/promises';
import { ResumingClient } from '../support/resuming-client.js';

type Role = 'presenter' | 'viewer';

/** A client of `manycast.v1` that does what the SDK does: it moves when its node asks it to, and offers again when its media moves. */
export class FollowingClient {
  private readonly ending = new AbortController();
  readonly faults: string[] = [];
  /** New peer connections that it had to make. */
  renegotiations = 0;
  moves = 0;

  private constructor(
    readonly client: ResumingClient,
    private readonly pick: () => string,
  ) {
    void this.follow();
  }

  /** Joined, with media flowing. `pick` gives the address of a node that is ready. */
  static async join(role: Role, room: string, pick: () => string): Promise<FollowingClient> {
    const client = await ResumingClient.open(role, pick(), room);
    await client.join();
    return new FollowingClient(client, pick);
  }

  get session(): string {
    return this.client.session;
  }

  end(): void {
    this.ending.abort();
    this.client.vanish();
  }

  private async follow(): Promise<void> {
    let seen = 0;
    while (!this.ending.signal.aborted) {
      const order = this.client.orders[seen];
      if (!order) {
        await pause(20);
        if (!this.ending.signal.aborted && !this.client.hasOpenSocket)
          await this.attempt(() => this.comeBack());
        continue;
      }
      seen += 1;
      if (order.id === 'goaway') {
        await pause(order.afterMs);
        await this.attempt(() => this.comeBack());
      }
      if (order.id === 'renegotiate') {
        this.renegotiations += 1;
        await this.attempt(() => this.client.join());
      }
    }
  }

  private async comeBack(): Promise<void> {
    this.moves += 1;
    const answer = await this.client.resume(this.pick());
    if (answer.id !== 'resumed') throw new Error(`lost: ${answer.code}`);
    if (!answer.renegotiate) return;
    this.renegotiations += 1;
    await this.client.join();
  }

  private async attempt(work: () => Promise<unknown>): Promise<void> {
    await work().catch(error => {
      if (!this.ending.signal.aborted) this.faults.push(String(error));
    });
  }
}
