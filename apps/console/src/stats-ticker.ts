import type { Participation } from './participation.js';
import { type MediaSample, sampleOf, statsLine } from './stats-line.js';

const periodMs = 1_000;

export interface StatsTicker {
  start(participation: Participation): void;
  stop(): void;
}

/** Writes the line once a second, and the raw counters beside it as `data-frames` and `data-audio-packets`. */
export function createStatsTicker(line: HTMLElement): StatsTicker {
  let timer: ReturnType<typeof setInterval> | undefined;

  function stop() {
    clearInterval(timer);
    timer = undefined;
    line.textContent = '';
  }

  function start(participation: Participation) {
    stop();
    let before: MediaSample | undefined;
    const tick = async () => {
      const now = sampleOf(await participation.stats(), performance.now());
      if (now === undefined || timer !== thisTimer) return;
      line.textContent = statsLine(now, before);
      line.dataset.frames = String(now.framesCoded);
      line.dataset.audioPackets = String(now.audioPackets);
      before = now;
    };
    const thisTimer = setInterval(() => void tick(), periodMs);
    timer = thisTimer;
    void tick();
  }

  return { start, stop };
}
