/** A peer has a handful; what floods us with more gets no further ones in. */
const MAX_CANDIDATES = 64;
/**
 * How long our own connectivity checks wait after both sides are ready. The peer's checks do not wait
 * and normally win: it has our candidates by then, and it is this server that is reachable. Ours, sent
 * at once, can reach a peer that has not quite taken in the answer; a libdatachannel peer then fails its
 * DTLS handshake, because it cannot know our fingerprint yet.
 */
const HEAD_START_MS = 250;

/** The peer's candidates on their way into ICE. */
export class RemoteCandidates {
  readonly #held: string[] = [];
  #count = 0;
  #isDescribed = false;
  #isGathering = false;
  #flushAtMs = Number.POSITIVE_INFINITY;

  constructor(private readonly use: (candidate: string) => void) {}

  add(candidate: string, nowMs: number): void {
    if (this.#count >= MAX_CANDIDATES) return;
    this.#count += 1;
    if (nowMs >= this.#flushAtMs) this.use(candidate);
    else this.#held.push(candidate);
  }

  /** The peer's description is known. */
  onDescribed(nowMs: number): void {
    this.#isDescribed = true;
    this.#arm(nowMs);
  }

  /** Our candidates are on their way to the peer. */
  onGathering(nowMs: number): void {
    this.#isGathering = true;
    this.#arm(nowMs);
  }

  onTick(nowMs: number): void {
    if (nowMs < this.#flushAtMs || this.#held.length === 0) return;
    for (const candidate of this.#held.splice(0)) this.use(candidate);
  }

  #arm(nowMs: number): void {
    if (this.#isDescribed && this.#isGathering && this.#flushAtMs === Number.POSITIVE_INFINITY) {
      this.#flushAtMs = nowMs + HEAD_START_MS;
    }
  }
}
