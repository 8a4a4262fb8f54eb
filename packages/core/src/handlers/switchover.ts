import { setTimeout as pause } from 'node:timers/promises';
import type { EndpointEvent } from '../ports/media-engine.js';

export interface SwitchoverTimes {
  /** From a connection to its first picture; a client that is slower misses a moment. */
  pictureMs: number;
  /** A client that has not connected by then will not. */
  connectMs: number;
}

export const usualSwitchover: SwitchoverTimes = { pictureMs: 5_000, connectMs: 30_000 };

/** A client that has been given a new endpoint watches its former one until the new one has a picture. */
export class Switchover {
  private hasConnected = false;
  /** Of who waits for it; most never do. */
  private onConnected: (() => void) | undefined;

  constructor(private readonly times: SwitchoverTimes) {}

  /** Of the new endpoint. */
  onEndpointEvent(event: EndpointEvent): void {
    if (event.type !== 'connection-state' || event.state !== 'connected') return;
    this.hasConnected = true;
    this.onConnected?.();
  }

  /** Resolves when the former endpoint is of no use any more. Keeps no process from ending. */
  async done(): Promise<void> {
    const { connectMs, pictureMs } = this.times;
    const connected = new Promise<void>(resolve => {
      this.onConnected = resolve;
    });
    if (!this.hasConnected) await Promise.race([connected, pause(connectMs, undefined, { ref: false })]);
    await pause(pictureMs, undefined, { ref: false });
  }
}
