import type { Logger } from '@manycast/runtime';
import { PeerConnection, type RtcConfig, type Track, Video } from 'node-datachannel';
import { parse } from 'sdp-transform';
import type { SelectedPair } from './endpoint-stats.js';
import type { LocalTransport } from './local-description.js';
import type { RemoteTransport } from './remote-description.js';

/** The one section libdatachannel knows of; see below. */
const MID = '0';

export type TransportState =
  | 'new'
  | 'checking'
  | 'connected'
  | 'completed'
  | 'disconnected'
  | 'failed'
  | 'closed';

export interface TransportListener {
  onCandidate(candidate: string): void;
  onGatheringDone(): void;
  onIceState(state: TransportState): void;
  /** DTLS is up: packets can be sent. */
  onOpen(): void;
  /** For good: libdatachannel does not reconnect. */
  onDown(): void;
  /** RTP or RTCP, decrypted; the buffer is the listener's. */
  onPacket(packet: Buffer): void;
}

/**
 * ICE, DTLS and SRTP of one peer, from libdatachannel.
 *
 * libdatachannel would also like to negotiate media, and sorts packets by the SSRCs it finds in session
 * descriptions. It is given a description of its own instead, with a single section both ways: then
 * everything that arrives on the bundle, RTP and RTCP, comes out of one track once, and sorting,
 * negotiating and describing media stay in this folder.
 *
 * Its callbacks run on the event loop, but may still come after `close()`, and an exception that leaves
 * one aborts the process: each is guarded.
 */
export class NativeTransport {
  readonly #connection: PeerConnection;
  readonly #track: Track;
  #isOpen = false;
  #isClosed = false;

  constructor(
    name: string,
    config: RtcConfig,
    private readonly listener: TransportListener,
    private readonly log: Logger,
  ) {
    this.#connection = new PeerConnection(name, config);
    const media = new Video(MID, 'SendRecv');
    media.addVP8Codec(96);
    this.#track = this.#connection.addTrack(media);
    this.#listen();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Answers a peer's transport parameters with ours; ICE begins. */
  accept(remote: RemoteTransport): LocalTransport {
    this.#setRemote(remote, 'offer');
    return this.#local();
  }

  offer(): LocalTransport {
    this.#connection.setLocalDescription('offer');
    return { ...this.#local(), setup: 'actpass' };
  }

  acceptAnswer(remote: RemoteTransport): void {
    this.#setRemote(remote, 'answer');
  }

  addRemoteCandidate(candidate: string): void {
    if (this.#isClosed) return;
    try {
      this.#connection.addRemoteCandidate(candidate, MID);
    } catch (error) {
      this.log.debug({ err: error }, 'remote candidate refused');
    }
  }

  /** False when the packet was not sent: not open, or the socket's buffer is full. UDP: nothing queues up here. */
  send(packet: Buffer): boolean {
    if (!this.#isOpen) return false;
    try {
      return this.#track.sendMessageBinary(packet);
    } catch (error) {
      this.log.debug({ err: error }, 'packet not sent');
      return false;
    }
  }

  selectedPair(): SelectedPair | undefined {
    if (this.#isClosed) return undefined;
    return this.#connection.getSelectedCandidatePair() ?? undefined;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isOpen = false;
    // Both: each holds its callbacks, and through them this object, until it is closed itself.
    this.#track.close();
    this.#connection.close();
  }

  #listen(): void {
    const { listener } = this;
    this.#connection.onLocalCandidate(
      this.#guarded(candidate => listener.onCandidate(candidate.replace(/^a=/, ''))),
    );
    this.#connection.onGatheringStateChange(
      this.#guarded(state => {
        if (state === 'complete') listener.onGatheringDone();
      }),
    );
    this.#connection.onIceStateChange(this.#guarded(state => listener.onIceState(state as TransportState)));
    this.#connection.onStateChange(
      this.#guarded(state => {
        if (state === 'connected' || state === 'connecting' || state === 'new') return;
        this.#isOpen = false;
        listener.onDown();
      }),
    );
    this.#track.onOpen(
      this.#guarded(() => {
        this.#isOpen = true;
        listener.onOpen();
      }),
    );
    // Without a listener the binding never forgets the track.
    this.#track.onClosed(() => {});
    this.#track.onMessage(this.#guarded(packet => listener.onPacket(packet)));
  }

  #guarded<A extends unknown[]>(callback: (...values: A) => void): (...values: A) => void {
    return (...values) => {
      if (this.#isClosed) return;
      try {
        callback(...values);
      } catch (error) {
        this.log.error({ err: error }, 'a transport callback failed');
      }
    };
  }

  #setRemote(remote: RemoteTransport, type: 'offer' | 'answer'): void {
    const lines = [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      ...(remote.isIceLite ? ['a=ice-lite'] : []),
      `a=group:BUNDLE ${MID}`,
      'm=video 9 UDP/TLS/RTP/SAVPF 96',
      'c=IN IP4 0.0.0.0',
      `a=mid:${MID}`,
      'a=sendrecv',
      'a=rtcp-mux',
      `a=ice-ufrag:${remote.iceUfrag}`,
      `a=ice-pwd:${remote.icePwd}`,
      'a=ice-options:trickle',
      `a=fingerprint:${remote.fingerprint}`,
      `a=setup:${remote.setup}`,
      'a=rtpmap:96 VP8/90000',
    ];
    this.#connection.setRemoteDescription(`${lines.join('\r\n')}\r\n`, type);
  }

  #local(): LocalTransport {
    const description = this.#connection.localDescription();
    if (!description) throw new Error('libdatachannel made no local description');
    const session = parse(description.sdp);
    const media = session.media[0];
    const fingerprint = session.fingerprint ?? media?.fingerprint;
    const setup = media?.setup;
    if (!media?.iceUfrag || !media.icePwd || !fingerprint) throw new Error('incomplete local description');
    return {
      iceUfrag: String(media.iceUfrag),
      icePwd: String(media.icePwd),
      fingerprint: `${fingerprint.type} ${fingerprint.hash}`,
      setup: setup === 'passive' ? 'passive' : 'active',
    };
  }
}
