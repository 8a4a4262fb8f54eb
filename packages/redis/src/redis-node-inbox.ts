import type { InboxMessage, NodeInbox } from '@manycast/core';
import type { NodeId } from '@manycast/protocol';
import type { Redis } from 'ioredis';
import { guard } from './guard.js';
import type { Keys } from './keys.js';

/** A channel per node, subscribed to again after a reconnection. */
export class RedisNodeInbox implements NodeInbox {
  constructor(
    private readonly commands: Redis,
    private readonly subscriber: Redis,
    private readonly keys: Keys,
  ) {}

  async open(node: NodeId, listener: (message: InboxMessage) => void): Promise<void> {
    const channel = this.channel(node);
    this.subscriber.on('message', (name: string, json: string) => {
      if (name !== channel) return;
      const { v, ...message } = JSON.parse(json) as InboxMessage & { v: number };
      if (v === 1) listener(message);
    });
    this.subscriber.on('ready', () => this.subscriber.subscribe(channel).catch(() => {}));
    await guard(() => this.subscriber.subscribe(channel));
  }

  async send(node: NodeId, message: InboxMessage): Promise<void> {
    await guard(() => this.commands.publish(this.channel(node), JSON.stringify({ v: 1, ...message })));
  }

  private channel = (node: NodeId): string => `${this.keys.inboxPrefix()}${node}`;
}
