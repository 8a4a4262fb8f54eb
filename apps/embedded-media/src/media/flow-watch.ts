/** Kurento's own patience before it calls a flow ended. */
const SILENCE_MS = 2000;

/** Tells when packets begin to flow and when they have stopped. */
export class FlowWatch {
  isFlowing = false;
  #lastAtMs = 0;

  constructor(private readonly onChange: (isFlowing: boolean) => void) {}

  onPacket(nowMs: number): void {
    this.#lastAtMs = nowMs;
    if (this.isFlowing) return;
    this.isFlowing = true;
    this.onChange(true);
  }

  onTick(nowMs: number): void {
    if (this.isFlowing && nowMs - this.#lastAtMs >= SILENCE_MS) this.stop();
  }

  stop(): void {
    if (!this.isFlowing) return;
    this.isFlowing = false;
    this.onChange(false);
  }
}
