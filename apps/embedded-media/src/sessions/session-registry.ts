import type { ObjectId, SessionId } from './ids.js';
import { type LetGo, ReferenceTree } from './reference-tree.js';

/**
 * The sessions that hold objects, and which of them nobody is behind any more.
 *
 * ```
 *   (unknown) --hold--> in use --sweep, no socket--> idle --sweep, no socket--> collected
 *                         ^                            |
 *                         +------- keepAlive, hold ----+
 * ```
 * A session is therefore collected by the second sweep after its socket died: one to two periods later.
 */
export class SessionRegistry {
  readonly #tree = new ReferenceTree();
  readonly #idle = new Set<SessionId>();

  add(object: ObjectId, parent?: ObjectId, options?: { isPinned?: boolean }): void {
    this.#tree.add(object, parent, options);
  }

  /** Takes a reference on the object and its parents; makes the session known if it was not. */
  hold(session: SessionId, object: ObjectId): void {
    this.#idle.delete(session);
    this.#tree.hold(session, object);
  }

  /** False for a session that is not known: one that was collected, or never touched an object. */
  keepAlive(session: SessionId): boolean {
    this.#idle.delete(session);
    return this.#tree.knows(session);
  }

  drop(session: SessionId, object: ObjectId): LetGo {
    return this.#tree.drop(session, object);
  }

  release(object: ObjectId): LetGo {
    return this.#tree.release(object);
  }

  close(session: SessionId, options?: { release?: boolean }): LetGo {
    this.#idle.delete(session);
    return this.#tree.forget(session, options);
  }

  /** To be called once per collection period. `hasSocket` says whether somebody is behind a session now. */
  sweep(hasSocket: (session: SessionId) => boolean): { session: SessionId; letGo: LetGo }[] {
    const collected: { session: SessionId; letGo: LetGo }[] = [];
    for (const session of this.#tree.sessions()) {
      if (hasSocket(session)) this.#idle.delete(session);
      else if (this.#idle.has(session)) collected.push({ session, letGo: this.close(session) });
      else this.#idle.add(session);
    }
    return collected;
  }

  childrenOf(object: ObjectId): ObjectId[] {
    return this.#tree.childrenOf(object);
  }

  sessions(): SessionId[] {
    return this.#tree.sessions();
  }
}
