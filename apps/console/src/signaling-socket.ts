import type { CloseReason, closeCodes, ServerMessage } from '@manycast/protocol';
import type { Problem } from './problem.js';
import { readServerMessage } from './server-message.js';

export type ClientMessage =
  | { id: 'presenter' | 'viewer'; sdpOffer: string; room: string }
  | { id: 'onIceCandidate'; candidate: RTCIceCandidateInit }
  | { id: 'stop' };

export interface SignalingSocket {
  /** Dropped when the socket is not open: whoever needs to know hears `onClosed`. */
  send(message: ClientMessage): void;
  /** No handler is called afterwards. */
  close(): void;
}

export interface SignalingSocketHandlers {
  onOpen: () => void;
  onMessage: (message: ServerMessage) => void;
  /** Once. The problem says whether it ever was open. */
  onClosed: (problem: Problem) => void;
}

const openTimeoutMs = 10_000;

export function openSignalingSocket(url: string, handlers: SignalingSocketHandlers): SignalingSocket {
  const socket = new WebSocket(url);
  const listening = new AbortController();
  const { signal } = listening;
  let wasOpen = false;

  const end = (problem: Problem) => {
    close();
    handlers.onClosed(problem);
  };
  const close = () => {
    clearTimeout(openTimer);
    listening.abort();
    socket.close();
  };
  const openTimer = setTimeout(() => end({ code: 'server-unreachable' }), openTimeoutMs);

  socket.addEventListener(
    'open',
    () => {
      wasOpen = true;
      clearTimeout(openTimer);
      handlers.onOpen();
    },
    { signal },
  );
  socket.addEventListener(
    'message',
    ({ data }) => {
      const message = readServerMessage(data);
      if (message) handlers.onMessage(message);
    },
    { signal },
  );
  socket.addEventListener('close', ({ code }) => end(closeProblem(code, wasOpen)), { signal });

  return {
    send: message => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    close,
  };
}

type CloseCode = (typeof closeCodes)[CloseReason]['code'];

/** Typed against the protocol's table without carrying it into the page. */
const problemOfCloseCode: Partial<Record<CloseCode, Problem>> = {
  4500: { code: 'server-refuses' },
  1009: { code: 'server-refuses' },
};

function closeProblem(code: number, wasOpen: boolean): Problem {
  return problemOfCloseCode[code as CloseCode] ?? { code: wasOpen ? 'server-lost' : 'server-unreachable' };
}
