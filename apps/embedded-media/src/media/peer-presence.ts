import type { UpDown } from './media-endpoint.js';
import { SilenceWatch } from './silence-watch.js';

/**
 * Whether the peer is there, and whether anything comes from it.
 *
 * ```
 * connection  DISCONNECTED --DTLS up--> CONNECTED --transport down, or gone--> DISCONNECTED
 * media       DISCONNECTED --RTP or RTCP--> CONNECTED --silence--> DISCONNECTED
 * ```
 * A peer that was given up and speaks again is back.
 */
export class PeerPresence {
  readonly silence = new SilenceWatch();
  connection: UpDown = 'DISCONNECTED';
  media: UpDown = 'DISCONNECTED';

  constructor(private readonly onChange: (what: 'connection-state' | 'media-state', state: UpDown) => void) {}

  onUp(): void {
    this.#setConnection('CONNECTED');
  }

  onDown(): void {
    this.#setMedia('DISCONNECTED');
    this.#setConnection('DISCONNECTED');
  }

  onPacket(nowMs: number): void {
    this.silence.onPacket(nowMs);
    if (this.media === 'CONNECTED') return;
    this.#setConnection('CONNECTED');
    this.#setMedia('CONNECTED');
  }

  onTick(nowMs: number): void {
    if (this.media === 'CONNECTED' && this.silence.isSilent(nowMs)) this.#setMedia('DISCONNECTED');
    if (this.connection === 'CONNECTED' && this.silence.isGone(nowMs)) this.#setConnection('DISCONNECTED');
  }

  #setConnection(state: UpDown): void {
    if (this.connection === state) return;
    this.connection = state;
    this.onChange('connection-state', state);
  }

  #setMedia(state: UpDown): void {
    if (this.media === state) return;
    this.media = state;
    this.onChange('media-state', state);
  }
}
