import type { InboxMessage, NodeInbox } from '@manycast/core';
import type { NodeId } from '@manycast/protocol';
import type { Redis } from 'ioredis';
import type { RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';
import { RelayMetrics } from './relay-metrics.js';
import { readTold } from './told-message.js';

/** A channel per node, subscribed to again after a reconnection. */
export class RedisNodeInbox implements NodeInbox {
  constructor(
    private readonly commands: RedisClient,
    private readonly subscriber: Redis,
    private readonly keys: Keys,
    private readonly metrics: RelayMetrics = new RelayMetrics(),
  ) {}

  async open(node: NodeId, listener: (message: InboxMessage) => void): Promise<void> {
    const channel = this.channel(node);
    this.subscriber.on('message', (name: string, json: string) => {
      if (name !== channel) return;
      const message = readTold<InboxMessage>(json);
      if (!message) return;
      this.metrics.messages.inc({ kind: message.type });
      listener(message);
    });
    const isSubscribed = new Promise<void>(resolve => {
      // Also the first time, when Redis is away: this connection comes back by itself.
      const subscribeNow = () =>
        void this.subscriber.subscribe(channel).then(
          () => resolve(),
          () => {},
        );
      this.subscriber.on('ready', subscribeNow);
      if (this.subscriber.status === 'ready') subscribeNow();
    });
    await isSubscribed;
  }

  async send(node: NodeId, message: InboxMessage): Promise<void> {
    await guard(() => this.commands.publish(this.channel(node), JSON.stringify({ v: 1, ...message })));
  }

  private channel = (node: NodeId): string => `${this.keys.inboxPrefix()}${node}`;
}
