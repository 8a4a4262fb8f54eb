import type { Duplex } from 'node:stream';
import { type CloseReason, closeCodes, type ServerMessage } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import { WebSocket } from 'ws';
import type { Limits } from './limits/limits.js';
import type { NodeMetrics } from './node-metrics.js';
import { sharedFrameOf } from './shared-message.js';

export interface ClientSocketOptions {
  maxBufferedBytes: number;
  /** Above this, the chat is left out. */
  maxChatBufferedBytes: number;
  metrics: NodeMetrics;
  limits: Pick<Limits, 'count'>;
  /** A client that has asked for nothing for this long after it came is sent away. */
  firstMessageMs: number;
  log: Logger;
}

/** One client's WebSocket: sends messages, notices a client that does not read or does not answer. */
export class ClientSocket {
  private hasAnswered = true;
  private hasSpoken = false;
  private readonly openedAtMs = Date.now();

  constructor(
    private readonly ws: WebSocket,
    /** What `ws` writes to, at once and in whole frames: nothing is compressed, and nothing else makes it queue. */
    private readonly stream: Duplex,
    private readonly options: ClientSocketOptions,
  ) {
    ws.on('pong', () => {
      this.hasAnswered = true;
    });
    // A frame over the size limit or broken framing: ws closes the socket itself with 1009, 1002 or 1007.
    ws.on('error', error => {
      options.log.debug({ err: error }, 'socket error');
      if ((error as NodeJS.ErrnoException).code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
        options.limits.count('frame-size');
    });
    ws.once('message', () => {
      this.hasSpoken = true;
    });
  }

  send(message: ServerMessage): void {
    if (this.ws.readyState !== WebSocket.OPEN) return;
    if (this.stream.writableLength > this.options.maxBufferedBytes) return this.cut('too-slow');
    this.gather();
    this.write(message);
  }

  /** For what can be had again: false when the client reads too slowly for it. */
  tell(message: ServerMessage): boolean {
    if (this.ws.readyState !== WebSocket.OPEN) return true;
    if (this.stream.writableLength > this.options.maxChatBufferedBytes) {
      this.options.metrics.chatLeftOut.inc();
      return false;
    }
    this.write(message);
    return true;
  }

  /** To be called once per heartbeat period: the client has one period to answer a ping. */
  checkHeartbeat(): void {
    if (!this.hasAnswered) return this.cut('heartbeat-lost');
    if (!this.hasSpoken && Date.now() - this.openedAtMs > this.options.firstMessageMs) {
      this.options.limits.count('first-message-time');
      return this.close('silent');
    }
    this.hasAnswered = false;
    if (this.ws.readyState === WebSocket.OPEN) this.ws.ping();
  }

  /** Says goodbye; the client closes. */
  close(reason: CloseReason): void {
    this.options.metrics.closes.inc({ reason });
    this.ws.close(closeCodes[reason].code, closeCodes[reason].meaning);
  }

  terminate(): void {
    this.ws.terminate();
  }

  /** An answer leaves in one write with what is told after it in the same step: the chat's state, presence, candidates. */
  private gather(): void {
    if (this.stream.writableCorked > 0) return;
    this.stream.cork();
    process.nextTick(release, this.stream);
  }

  /** A message for many is written as it was encoded once: framing it again would be half of the work. */
  private write(message: ServerMessage): void {
    const frame = sharedFrameOf(message);
    if (frame) this.stream.write(frame);
    else this.ws.send(JSON.stringify(message));
  }

  /** Nobody reads at the other end: a goodbye would only wait in the buffer. */
  private cut(reason: CloseReason): void {
    this.options.metrics.closes.inc({ reason });
    if (reason === 'too-slow') this.options.limits.count('buffer');
    this.options.log.info({ reason, bufferedBytes: this.stream.writableLength }, 'socket cut');
    this.ws.terminate();
  }
}

const release = (stream: Duplex): void => stream.uncork();
