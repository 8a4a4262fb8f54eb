/** How long a reply is kept, as in Kurento (REQUEST_TIMEOUT in ServerMethods.cpp). */
const keptForMs = 20_000;

/**
 * The replies of the last 20 s by (session, request id): a request that is sent again, on the same or another
 * socket, is answered without being carried out again. `nowMs` is any clock that does not run backwards.
 */
export class ReplyCache<Reply> {
  /** In the order of expiry, since every entry lives equally long and is never renewed. */
  readonly #entries = new Map<string, { reply: Reply; expiresMs: number }>();

  get(session: string, requestId: string, nowMs: number): Reply | undefined {
    this.forgetExpired(nowMs);
    return this.#entries.get(key(session, requestId))?.reply;
  }

  /** Keeps the first reply: a second one under the same key does not replace or renew it. */
  add(session: string, requestId: string, reply: Reply, nowMs: number): void {
    this.forgetExpired(nowMs);
    const entry = key(session, requestId);
    if (!this.#entries.has(entry)) this.#entries.set(entry, { reply, expiresMs: nowMs + keptForMs });
  }

  /** `get` and `add` do this too; on its own it is for servers that fall silent. */
  forgetExpired(nowMs: number): void {
    for (const [entry, { expiresMs }] of this.#entries) {
      if (expiresMs > nowMs) return;
      this.#entries.delete(entry);
    }
  }

  clear(): void {
    this.#entries.clear();
  }

  get size(): number {
    return this.#entries.size;
  }
}

/** JSON keeps the two parts apart whatever characters a client puts into them. */
function key(session: string, requestId: string): string {
  return JSON.stringify([session, requestId]);
}
