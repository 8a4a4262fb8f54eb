import type { Logger } from '@manycast/runtime';

export interface PulseOptions {
  /** Resolves with what names the present state of things; bounded by the connection's command timeout. */
  ask(): Promise<string>;
  /** It is another than before. */
  onChange(): void;
  periodMs: number;
  log: Logger;
}

/**
 * Asks Redis whether it is there: one that takes connections and does not answer (paused, or behind a partition
 * that drops packets) looks connected for minutes. Of a Redis Cluster also who its masters are: no connection of ours
 * tells that one of them is another by now.
 */
export class Pulse {
  isBeating = true;
  private known: string | undefined;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly options: PulseOptions) {
    this.timer = setInterval(() => void this.beat(), options.periodMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Once more than the period asks for. Never rejects. */
  async beat(): Promise<void> {
    const wasBeating = this.isBeating;
    const { ask, onChange, log } = this.options;
    const answer = await ask().catch(() => undefined);
    this.isBeating = answer !== undefined;
    if (wasBeating !== this.isBeating) log.warn({ answers: this.isBeating }, 'redis pulse');
    if (answer === undefined) return;
    const isChanged = this.known !== undefined && this.known !== answer;
    this.known = answer;
    if (isChanged) onChange();
  }
}
