/** Things that arrive, and tests that wait for some of them, with a deadline. */
export class Inbox<T> {
  #items: T[] = [];
  #waiting: { matches: (item: T) => boolean; resolve: (item: T) => void }[] = [];

  put(item: T): void {
    const waiting = this.#waiting.find(({ matches }) => matches(item));
    if (!waiting) return void this.#items.push(item);
    this.#waiting = this.#waiting.filter(other => other !== waiting);
    waiting.resolve(item);
  }

  take(matches: (item: T) => boolean, what: string, deadlineMs = 4_000): Promise<T> {
    const index = this.#items.findIndex(matches);
    if (index >= 0) return Promise.resolve(this.#items.splice(index, 1)[0] as T);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${what} did not come within ${deadlineMs} ms`)),
        deadlineMs,
      );
      this.#waiting.push({
        matches,
        resolve: item => {
          clearTimeout(timer);
          resolve(item);
        },
      });
    });
  }
}
