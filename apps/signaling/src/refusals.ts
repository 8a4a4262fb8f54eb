import type { SignalError } from '@manycast/protocol';
import type { ConnectionOptions, Outlet } from './connection-options.js';

/** Messages of one client that could not be carried out: each is answered; too many close the socket. */
export class Refusals {
  private count = 0;

  constructor(
    private readonly socket: Outlet,
    private readonly options: Pick<ConnectionOptions, 'metrics' | 'log' | 'limits' | 'brakes'>,
  ) {}

  /** False when that was one too many, and the socket is being closed. */
  answer(error: SignalError): boolean {
    const { maxErrors } = this.options.limits;
    this.count += 1;
    if (this.count === maxErrors + 1) {
      this.options.brakes.count('errors');
      this.socket.close('too-many-errors');
    }
    if (this.count > maxErrors) return false;
    this.tell(error);
    return true;
  }

  /** For what a well-meaning client may be told again and again. */
  tell({ code, message, field, retryAfterMs, clientId }: SignalError): void {
    const { metrics, log, brakes } = this.options;
    metrics.errors.inc({ code });
    brakes.countRefusal(code);
    log.debug({ code, field }, message);
    this.socket.send({
      id: 'error',
      code,
      message,
      ...(field && { field }),
      ...(retryAfterMs && { retryAfterMs }),
      ...(clientId && { clientId }),
    });
  }
}
