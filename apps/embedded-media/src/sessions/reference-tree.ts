import type { ObjectId, SessionId } from './ids.js';

interface Node {
  parent: ObjectId | undefined;
  children: Set<ObjectId>;
  holders: Set<SessionId>;
  /** Stays even when nobody holds it. */
  isPinned: boolean;
}

/** What letting go did: the objects the session no longer holds, and those that nobody holds any more. */
export interface LetGo {
  dropped: { session: SessionId; object: ObjectId }[];
  /** Children before their parents; no longer in the tree. */
  gone: ObjectId[];
}

/**
 * Which sessions keep which objects alive. Two rules make all of it: holding an object holds its parents too
 * (never its children), and a new child starts with every session that holds its parent. It follows that the
 * holders of a child always hold its parent, so letting go of a parent lets go of its children.
 */
export class ReferenceTree {
  readonly #nodes = new Map<ObjectId, Node>();
  readonly #held = new Map<SessionId, Set<ObjectId>>();

  add(object: ObjectId, parent?: ObjectId, options: { isPinned?: boolean } = {}): void {
    this.#nodes.set(object, {
      parent,
      children: new Set(),
      holders: new Set(),
      isPinned: options.isPinned ?? false,
    });
    if (parent === undefined) return;
    const parentNode = this.#nodes.get(parent);
    parentNode?.children.add(object);
    for (const session of parentNode?.holders ?? []) this.hold(session, object);
  }

  hold(session: SessionId, object: ObjectId): void {
    const held = this.#held.get(session) ?? new Set();
    this.#held.set(session, held);
    for (let id: ObjectId | undefined = object; id !== undefined; id = this.#nodes.get(id)?.parent) {
      held.add(id);
      this.#nodes.get(id)?.holders.add(session);
    }
  }

  /** One session lets go of an object and of its children. */
  drop(session: SessionId, object: ObjectId): LetGo {
    const result: LetGo = { dropped: [], gone: [] };
    this.#drop(session, object, result);
    return result;
  }

  /** Every session lets go of the object: it is gone at once, whoever asks. */
  release(object: ObjectId): LetGo {
    const result: LetGo = { dropped: [], gone: [] };
    for (const session of [...(this.#nodes.get(object)?.holders ?? [])]) this.#drop(session, object, result);
    return result;
  }

  /** The session is forgotten. With `release`, whatever it held is gone even if others hold it as well. */
  forget(session: SessionId, options: { release?: boolean } = {}): LetGo {
    const result: LetGo = { dropped: [], gone: [] };
    for (const object of [...(this.#held.get(session) ?? [])]) {
      const holders = options.release ? [...(this.#nodes.get(object)?.holders ?? [])] : [session];
      for (const holder of holders) this.#drop(holder, object, result);
    }
    this.#held.delete(session);
    return result;
  }

  childrenOf(object: ObjectId): ObjectId[] {
    return [...(this.#nodes.get(object)?.children ?? [])].sort();
  }

  /** Every session that has touched an object and is not forgotten, in the order of their names. */
  sessions(): SessionId[] {
    return [...this.#held.keys()].sort();
  }

  knows(session: SessionId): boolean {
    return this.#held.has(session);
  }

  #drop(session: SessionId, object: ObjectId, result: LetGo): void {
    const node = this.#nodes.get(object);
    if (!node) return;
    for (const child of [...node.children]) this.#drop(session, child, result);
    this.#held.get(session)?.delete(object);
    if (node.holders.delete(session)) result.dropped.push({ session, object });
    if (node.holders.size > 0 || node.isPinned) return;
    this.#nodes.delete(object);
    if (node.parent !== undefined) this.#nodes.get(node.parent)?.children.delete(object);
    result.gone.push(object);
  }
}
