import type { Logger } from '@manycast/runtime';
import { cleanup, IceUdpMuxListener, type RtcConfig } from 'node-datachannel';
import { bindAddressOf } from './bind-address.js';
import type { MediaEndpoint } from './media-endpoint.js';
import { wallClockMs } from './wall-clock.js';
import { WebRtcEndpoint } from './webrtc-endpoint.js';

/** Fine enough for retransmission requests (a round trip) and held-back keyframe requests. */
const TICK_MS = 50;
/** Leaves room for SRTP, UDP and tunnels on the way; only our own DTLS handshake is cut to it. */
const MTU_BYTES = 1280;

export interface MediaPlaneOptions {
  /** The address ICE binds to; `0.0.0.0` means every interface. */
  host: string;
  /** 0: a port per endpoint; otherwise every endpoint shares this one UDP port. */
  udpPort: number;
  log: Logger;
}

/** Owns every endpoint of the process and what they share: one UDP port, one clock tick, one native library. */
export interface MediaPlane {
  /** `id` names the endpoint in logs only. */
  createEndpoint(opts: { id: string }): MediaEndpoint;
  /** Closes every endpoint and lets the process exit. */
  close(): Promise<void>;
}

/** libdatachannel's cleanup ends every connection of the process: it is for the last plane to call. */
let openPlanes = 0;

/** Throws when the address is not this machine's or the shared UDP port cannot be had. */
export function createMediaPlane({ host, udpPort, log }: MediaPlaneOptions): MediaPlane {
  const bindAddress = bindAddressOf(host);
  // Held for as long as the plane lives: the port is ours before the first endpoint needs it, and after the last.
  const listener = udpPort === 0 ? undefined : new IceUdpMuxListener(udpPort, bindAddress);
  openPlanes += 1;
  const rtc: RtcConfig = {
    iceServers: [],
    mtu: MTU_BYTES,
    ...(bindAddress === undefined ? {} : { bindAddress }),
    ...(udpPort === 0 ? {} : { enableIceUdpMux: true, portRangeBegin: udpPort, portRangeEnd: udpPort }),
  };
  const endpoints = new Set<WebRtcEndpoint>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const tick = () => {
    const nowMs = wallClockMs();
    for (const endpoint of endpoints) {
      try {
        endpoint.onTick(nowMs);
      } catch (error) {
        log.error({ err: error, endpoint: endpoint.id }, 'an endpoint failed in its tick');
      }
    }
  };
  const onClosed = (endpoint: WebRtcEndpoint) => {
    endpoints.delete(endpoint);
    if (endpoints.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  return {
    createEndpoint({ id }) {
      if (isClosed) throw new Error('the media plane is closed');
      const endpoint = new WebRtcEndpoint({ id, rtc, log, onClosed });
      endpoints.add(endpoint);
      timer ??= setInterval(tick, TICK_MS);
      return endpoint;
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      for (const endpoint of [...endpoints]) endpoint.close();
      listener?.stop();
      openPlanes -= 1;
      if (openPlanes === 0) cleanup();
    },
  };
}
