import type { NodeId } from '@manycast/protocol';
import type { InboxMessage, NodeInbox } from '../ports/node-inbox.js';

/** Inboxes of nodes that live in one process. */
export class MemoryNodeInbox implements NodeInbox {
  private readonly listeners = new Map<NodeId, (message: InboxMessage) => void>();

  async open(node: NodeId, listener: (message: InboxMessage) => void): Promise<void> {
    this.listeners.set(node, listener);
  }

  async send(node: NodeId, message: InboxMessage): Promise<void> {
    queueMicrotask(() => this.listeners.get(node)?.(message));
  }
}
