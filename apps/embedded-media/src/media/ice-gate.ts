import type { EndpointEvents } from './endpoint-events.js';
import type { IceState } from './ice-state.js';
import type { TransportState } from './native-transport.js';

const iceStates: Record<TransportState, IceState> = {
  new: 'GATHERING',
  checking: 'CONNECTING',
  connected: 'CONNECTED',
  completed: 'READY',
  disconnected: 'DISCONNECTED',
  failed: 'FAILED',
  closed: 'DISCONNECTED',
};

/**
 * Holds back what ICE has to say until the application asks for candidates: libdatachannel gathers and
 * checks as soon as it has a description, Kurento only when told to.
 */
export class IceGate {
  /** The section that candidates are said to belong to. */
  carrier = { sdpMid: '0', sdpMLineIndex: 0 };
  #held: (() => void)[] | undefined = [];
  #isComplete = false;

  constructor(private readonly events: EndpointEvents) {}

  open(): void {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    this.events.emit('ice-state', 'GATHERING');
    for (const tell of held) tell();
  }

  onCandidate(candidate: string): void {
    this.#tell(() => this.events.emit('candidate', { candidate, ...this.carrier }));
  }

  onGatheringDone(): void {
    if (this.#isComplete) return;
    this.#isComplete = true;
    this.#tell(() => this.events.emit('gathering-done', undefined));
  }

  onState(state: TransportState): void {
    this.#tell(() => this.events.emit('ice-state', iceStates[state]));
  }

  #tell(event: () => void): void {
    if (this.#held) this.#held.push(event);
    else event();
  }
}
