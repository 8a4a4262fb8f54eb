import { SignalError } from '@manycast/protocol';
import type { Reply } from './connection.js';
import { fromReply } from './kurento-error.js';
import type { Link } from './link.js';
import type { CallOptions } from './pending-calls.js';

/** A place in a transaction for what an earlier operation of it returned. */
export type NewRef = `newref:${number}`;

interface Operation {
  jsonrpc: '2.0';
  id: number;
  method: string;
  params: object;
}

/**
 * Several operations in one request. The server stops at the first that fails, undoes nothing and calls the
 * whole a success: so the results are read one by one here, and whoever ran it releases what `value(0)` made.
 *
 * Every string in it that starts with `newref:` is a reference to the server, whoever wrote it. A wrong one
 * breaks the transaction off in the middle without telling what it made, a huge number is not even caught there
 * (ServerMethods.cpp, injectRefs). Text from outside must therefore be asked `isReference` first.
 */
export class Transaction {
  readonly #operations: Operation[] = [];

  create(type: 'MediaPipeline' | 'WebRtcEndpoint', constructorParams: object = {}): NewRef {
    return `newref:${this.#add('create', { type, constructorParams })}`;
  }

  /** Returns the operation's index. */
  invoke(object: string, operation: string, operationParams: object): number {
    return this.#add('invoke', { object, operation, operationParams });
  }

  /** Returns the operation's index; its result is the subscription's id. */
  subscribe(object: string, type: string): number {
    return this.#add('subscribe', { object, type });
  }

  /** Takes no reference; a success also when there is no such subscription or object. */
  unsubscribe(object: string, subscription: string): void {
    this.#add('unsubscribe', { object, subscription });
  }

  /** Takes a reference on the object and its parents. */
  ref(object: string): void {
    this.#add('ref', { object });
  }

  /** Gives our session's reference back, also those on its children. The object dies if it was the last. */
  unref(object: string): void {
    this.#add('unref', { object });
  }

  release(object: string): void {
    this.#add('release', { object });
  }

  get params(): { operations: Operation[] } {
    return { operations: this.#operations };
  }

  read(reply: Reply): TransactionResult {
    const answers = (Array.isArray(reply.value) ? reply.value : []) as Answer[];
    const failedAt = answers.findIndex(answer => answer?.error);
    const failure = answers[failedAt]?.error;
    const isComplete = answers.length >= this.#operations.length;
    return {
      value: index => answers[index]?.result?.value,
      failedAt: failure ? failedAt : undefined,
      error: failure
        ? fromReply(Object.assign(new Error(failure.message), failure))
        : isComplete
          ? undefined
          : new SignalError('internal', { message: 'the media server left operations of a transaction out' }),
    };
  }

  #add(method: string, params: object): number {
    const id = this.#operations.length;
    this.#operations.push({ jsonrpc: '2.0', id, method, params });
    return id;
  }
}

export interface TransactionResult {
  /** What operation `index` returned; undefined when it was not reached. */
  value(index: number): unknown;
  error: SignalError | undefined;
  /** The operation the server stopped at. */
  failedAt: number | undefined;
}

/** Resolves also for a transaction that the server stopped in the middle of. */
export type SendTransaction = (
  link: Link,
  transaction: Transaction,
  options?: Omit<CallOptions<Reply>, 'timeoutMs'>,
) => Promise<TransactionResult>;

interface Answer {
  result?: { value?: unknown };
  error?: { code: number; message: string; data?: unknown };
}

/** Text from outside on its way into a transaction. */
export function isReference(text: string): boolean {
  return text.startsWith('newref:');
}
