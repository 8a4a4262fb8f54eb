import { sequenceDistance } from './serial-number.js';

/** As libwebrtc: more holes than this are not worth filling, a keyframe is. */
const MAX_MISSING = 128;
const MAX_ATTEMPTS = 8;
/** About one round trip; a receiver without its own reports cannot measure it. */
const RETRY_AFTER_MS = 100;

interface Hole {
  attempts: number;
  nextAtMs: number;
}

/** Which packets of a stream have not come, and when to ask for them (again). */
export class MissingPackets {
  readonly #holes = new Map<number, Hole>();
  #highest = -1;

  get isEmpty(): boolean {
    return this.#holes.size === 0;
  }

  /** `hole`: some are missing now. `flood`: too many; they are given up. */
  onPacket(sequenceNumber: number): 'complete' | 'hole' | 'flood' {
    if (this.#highest < 0) {
      this.#highest = sequenceNumber;
      return 'complete';
    }
    const step = sequenceDistance(sequenceNumber, this.#highest);
    if (step <= 0) {
      this.#holes.delete(sequenceNumber);
      return 'complete';
    }
    const first = (this.#highest + 1) & 0xffff;
    this.#highest = sequenceNumber;
    if (step === 1) return 'complete';
    if (this.#holes.size + step - 1 > MAX_MISSING) {
      this.#holes.clear();
      return 'flood';
    }
    for (let i = 0; i < step - 1; i++) this.#holes.set((first + i) & 0xffff, { attempts: 0, nextAtMs: 0 });
    return 'hole';
  }

  /** The packets to ask for now, oldest first; forgets those asked for in vain. */
  due(nowMs: number): number[] {
    const due: number[] = [];
    for (const [sequenceNumber, hole] of this.#holes) {
      if (hole.nextAtMs > nowMs) continue;
      if (hole.attempts >= MAX_ATTEMPTS) {
        this.#holes.delete(sequenceNumber);
        continue;
      }
      hole.attempts += 1;
      hole.nextAtMs = nowMs + RETRY_AFTER_MS;
      due.push(sequenceNumber);
    }
    return due;
  }

  reset(): void {
    this.#holes.clear();
    this.#highest = -1;
  }
}
