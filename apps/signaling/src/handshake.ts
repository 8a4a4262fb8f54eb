import type { IncomingMessage } from 'node:http';
import { defaultRoom, isSignalingPath, RoomName, type SignalingPath } from '@manycast/protocol';
import type { Readiness } from '@manycast/runtime';
import type { Limit, Limits } from './limits/limits.js';
import type { Origins } from './origins.js';

export interface HandshakeOptions {
  readiness: Readiness;
  brakes: Limits;
  origins: Origins;
  /** WebSockets that are open. */
  socketCount(): number;
  maxSockets: number;
}

/** What a client asks for with its handshake. */
export interface Asked {
  path: SignalingPath;
  room: RoomName;
  /** As `clientAddress` says it. */
  address: string;
}

export type Refusal = {
  status:
    | '400 Bad Request'
    | '403 Forbidden'
    | '404 Not Found'
    | '429 Too Many Requests'
    | '503 Service Unavailable';
  limit?: Limit;
};

/** Reads a handshake, or says why it is refused: nothing has been made for it by then. */
export function readHandshake(request: IncomingMessage, options: HandshakeOptions): Asked | Refusal {
  const { readiness, brakes, origins, socketCount, maxSockets } = options;
  // Not through URL, which throws at targets such as `//`: whatever the request line says must be survived.
  const [path = '', query] = (request.url ?? '').split('?', 2);
  if (!isSignalingPath(path)) return { status: '404 Not Found' };
  if (!origins.allows(request)) return { status: '403 Forbidden' };
  if (readiness.isDraining) return { status: '503 Service Unavailable' };
  if (brakes.overload.refuses('resume')) return { status: '503 Service Unavailable', limit: 'memory' };
  if (socketCount() >= maxSockets) return { status: '503 Service Unavailable', limit: 'sockets-per-node' };
  const room = RoomName.safeParse(new URLSearchParams(query).get('room') ?? defaultRoom);
  if (!room.success) return { status: '400 Bad Request' };
  const address = brakes.addressOf(request);
  if (!brakes.socketsByAddress.take(address))
    return { status: '429 Too Many Requests', limit: 'sockets-per-address' };
  return { path, room: room.data, address };
}
