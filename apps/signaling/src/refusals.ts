import type { SignalError } from '@manycast/protocol';
import type { ConnectionOptions, Outlet } from './connection-options.js';

/** Messages of one client that could not be carried out: each is answered; too many close the socket. */
export class Refusals {
  private count = 0;

  constructor(
    private readonly socket: Outlet,
    private readonly options: Pick<ConnectionOptions, 'metrics' | 'log' | 'limits'>,
  ) {}

  /** False when that was one too many, and the socket is being closed. */
  answer({ code, message, field, retryAfterMs }: SignalError): boolean {
    const { metrics, log, limits } = this.options;
    metrics.errors.inc({ code });
    log.debug({ code, field }, message);
    this.count += 1;
    if (this.count > limits.maxErrors) {
      this.socket.close('too-many-errors');
      return false;
    }
    this.socket.send({
      id: 'error',
      code,
      message,
      ...(field && { field }),
      ...(retryAfterMs && { retryAfterMs }),
    });
    return true;
  }
}
