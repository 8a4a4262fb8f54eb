import { setTimeout as pause } from 'node:timers/promises';
import type { LightClient } from '../ownership/light-client.js';

/** What became of a client that follows: times in ms of performance.now(). */
export interface Following {
  toldAt: number[];
  answeredAt: number[];
  /** Codes. */
  refusals: string[];
}

/**
 * A client without media does as it is told from now on, as the SDK does: offers again when its media is gone or has
 * moved, and again when it is refused, as long as there is a hint when.
 */
export function follow(client: LightClient): Following {
  const seen: Following = { toldAt: [], answeredAt: [], refusals: [] };
  let working = Promise.resolve();
  client.onRenegotiate = () => {
    seen.toldAt.push(performance.now());
    working = working.then(async () => {
      for (;;) {
        const { response, code, retryAfterMs } = await client.join();
        if (response === 'accepted') return void seen.answeredAt.push(performance.now());
        seen.refusals.push(code);
        if (!retryAfterMs) return;
        await pause(retryAfterMs);
      }
    });
  };
  return seen;
}
