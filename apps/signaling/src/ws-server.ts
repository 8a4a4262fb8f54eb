import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Cluster } from '@manycast/core';
import { isSignalingPath, type SignalingPath } from '@manycast/protocol';
import type { Logger, Service } from '@manycast/runtime';
import { type WebSocket, WebSocketServer } from 'ws';
import { ClientSocket } from './client-socket.js';
import { Connection, type ConnectionLimits } from './connection.js';
import type { NodeMetrics } from './node-metrics.js';
import type { Readiness } from './readiness.js';

export interface WsServerOptions extends ConnectionLimits {
  http: Server;
  readiness: Readiness;
  cluster: Cluster;
  metrics: NodeMetrics;
  log: Logger;
  maxFrameBytes: number;
  maxSockets: number;
  maxBufferedBytes: number;
  heartbeatMs: number;
}

/** Accepts sockets on the tutorials' paths and hands each one to a Connection of its own. */
export class WsServer implements Service {
  readonly name = 'websockets';
  private readonly server: WebSocketServer;
  private readonly open = new Map<ClientSocket, Connection>();
  private heartbeat: NodeJS.Timeout | undefined;

  constructor(private readonly options: WsServerOptions) {
    // No compression: messages are small, and its buffers would cost more memory per socket than all the rest.
    this.server = new WebSocketServer({
      noServer: true,
      maxPayload: options.maxFrameBytes,
      perMessageDeflate: false,
    });
    options.metrics.sockets.reset();
  }

  async start(): Promise<void> {
    this.options.http.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
    this.heartbeat = setInterval(() => {
      for (const socket of this.open.keys()) socket.checkHeartbeat();
    }, this.options.heartbeatMs);
  }

  /** Every session of this node leaves its room; clients are told to go elsewhere. */
  async drain(): Promise<void> {
    this.options.readiness.isDraining = true;
    await Promise.all(
      [...this.open].map(async ([socket, connection]) => {
        await connection.end();
        socket.close('going-away');
      }),
    );
  }

  async stop(): Promise<void> {
    clearInterval(this.heartbeat);
    for (const socket of this.open.keys()) socket.terminate();
    this.server.close();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Not through URL, which throws at targets such as `//`: whatever the request line says must be survived.
    const path = (request.url ?? '').replace(/\?.*/, '');
    if (!isSignalingPath(path)) return refuse(socket, '404 Not Found');
    if (this.options.readiness.isDraining) return refuse(socket, '503 Service Unavailable');
    if (this.open.size >= this.options.maxSockets) return refuse(socket, '503 Service Unavailable');
    this.server.handleUpgrade(request, socket, head, ws => this.accept(ws, path));
  }

  private accept(ws: WebSocket, path: SignalingPath): void {
    const { cluster, metrics, log, maxBufferedBytes } = this.options;
    const socket = new ClientSocket(ws, { maxBufferedBytes, metrics, log });
    const connection = new Connection(socket, path, { cluster, metrics, log, limits: this.options });
    this.open.set(socket, connection);
    metrics.sockets.inc();
    ws.on('message', (data, isBinary) => {
      if (isBinary) connection.receiveBinary();
      else connection.receive(data.toString());
    });
    ws.on('close', () => {
      this.open.delete(socket);
      metrics.sockets.dec();
      connection.end();
    });
  }
}

/** A refused handshake. `Retry-After` is in seconds. */
function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n`);
}
