/** More than a media server holds endpoints; beyond it the oldest is forgotten and left to reconciliation. */
const MAX_OWED = 10_000;

/**
 * Releases that a media server did not hear of because its links were down: done when one is back. Safe to
 * repeat: ids are never given twice, and releasing what is gone is a success.
 */
export class OwedReleases {
  readonly #objects = new Set<string>();
  #isPaying = false;

  add(object: string): void {
    this.#objects.add(object);
    if (this.#objects.size <= MAX_OWED) return;
    for (const oldest of this.#objects) {
      this.#objects.delete(oldest);
      return;
    }
  }

  delete(object: string): void {
    this.#objects.delete(object);
  }

  /** The server restarted: there is nothing left to release. */
  clear(): void {
    this.#objects.clear();
  }

  /** `release` takes an object off the list itself, unless the server was out of reach: that ends the round. */
  async pay(release: (object: string) => Promise<void>): Promise<void> {
    if (this.#isPaying) return;
    this.#isPaying = true;
    for (const object of [...this.#objects]) {
      await release(object).catch(() => {});
      if (this.#objects.has(object)) break;
    }
    this.#isPaying = false;
  }
}
