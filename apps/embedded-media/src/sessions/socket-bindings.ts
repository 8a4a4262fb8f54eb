import type { SessionId } from './ids.js';

/**
 * Which socket speaks for which session: at most one each way. The last sender owns the session; the socket
 * that had it stays open but no longer keeps the session alive or gets its events.
 */
export class SocketBindings<Socket> {
  readonly #sockets = new Map<SessionId, Socket>();
  readonly #sessions = new Map<Socket, SessionId>();

  /** True when this changed who speaks for whom. */
  bind(session: SessionId, socket: Socket): boolean {
    const previousSocket = this.#sockets.get(session);
    if (previousSocket === socket) return false;
    if (previousSocket !== undefined) this.#sessions.delete(previousSocket);
    this.unbind(socket);
    this.#sockets.set(session, socket);
    this.#sessions.set(socket, session);
    return true;
  }

  unbind(socket: Socket): void {
    const session = this.#sessions.get(socket);
    if (session === undefined) return;
    this.#sessions.delete(socket);
    this.#sockets.delete(session);
  }

  sessionOf(socket: Socket): SessionId | undefined {
    return this.#sessions.get(socket);
  }

  socketOf(session: SessionId): Socket | undefined {
    return this.#sockets.get(session);
  }
}
