import { setTimeout as pause } from 'node:timers/promises';
import type { PlayedPod } from './played-pod.js';

/** What a Service sends clients to: the pods that are ready by their probes and not terminating. */
export class ServiceEndpoints {
  private readonly ready = new Set<PlayedPod>();
  private readonly stopping = new AbortController();
  private next = 0;

  add(pod: PlayedPod): void {
    void this.watch(pod);
  }

  /** Round robin. Throws when there is none: a client would be refused. */
  pick(): PlayedPod {
    const pods = [...this.ready].filter(pod => !pod.isTerminating);
    this.next += 1;
    const pod = pods[this.next % Math.max(1, pods.length)];
    if (!pod) throw new Error('no endpoint is ready');
    return pod;
  }

  has(pod: PlayedPod): boolean {
    return this.ready.has(pod);
  }

  stop(): void {
    this.stopping.abort();
  }

  private async watch(pod: PlayedPod): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted && pod.process.isRunning()) {
      if (await pod.isReady()) this.ready.add(pod);
      else this.ready.delete(pod);
      await pause(this.ready.has(pod) ? pod.probePeriodMs : 200, undefined, { signal }).catch(() => {});
    }
    this.ready.delete(pod);
  }
}
