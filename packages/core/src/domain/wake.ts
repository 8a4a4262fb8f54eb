/** Something may have changed: look again. A call that comes between looking and waiting is not lost. */
export class Wake {
  private isPending = false;
  private wakeSleeper: (() => void) | undefined;

  up(): void {
    this.isPending = true;
    this.wakeSleeper?.();
  }

  /** Resolves at the next (or an unseen) `up`, or when the signal aborts. One sleeper at a time. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.isPending && !signal.aborted) {
      await new Promise<void>(resolve => {
        this.wakeSleeper = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    this.isPending = false;
  }
}
