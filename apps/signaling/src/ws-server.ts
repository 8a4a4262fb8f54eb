import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Cluster, InboxMessage, ResumeTokens } from '@manycast/core';
import { subprotocol } from '@manycast/protocol';
import type { Logger, Readiness, Service, Tracing } from '@manycast/runtime';
import { type WebSocket, WebSocketServer } from 'ws';
import { Carriers } from './carriers.js';
import { ClientSocket, type ClientSocketOptions } from './client-socket.js';
import { Connection } from './connection.js';
import type { ConnectionLimits, ConnectionOptions, Opening } from './connection-options.js';
import { type HandshakeOptions, readHandshake } from './handshake.js';
import type { IceServers } from './ice-servers.js';
import type { Limits } from './limits/limits.js';
import type { NodeMetrics } from './node-metrics.js';
import type { Origins } from './origins.js';

export interface WsServerOptions extends ConnectionLimits {
  http: Server;
  readiness: Readiness;
  cluster: Cluster;
  tokens: ResumeTokens;
  nodeAddresses(): string[];
  metrics: NodeMetrics;
  tracing?: Tracing;
  log: Logger;
  maxFrameBytes: number;
  maxSockets: number;
  maxBufferedBytes: number;
  maxChatBufferedBytes: number;
  heartbeatMs: number;
  firstMessageMs: number;
  brakes: Limits;
  iceServers: IceServers;
  origins: Origins;
  drainMs: number;
}

/** How often a draining node looks whether everybody has gone. */
const drainLookMs = 50;

/** Accepts sockets on the tutorials' paths and hands each one to a Connection of its own. */
export class WsServer implements Service {
  readonly name = 'websockets';
  private readonly server: WebSocketServer;
  private readonly open = new Map<ClientSocket, Connection>();
  private readonly carriers = new Carriers();
  private heartbeat: NodeJS.Timeout | undefined;
  /** Made once: a copy for each socket would be most of what it costs. */
  private readonly socketOptions: ClientSocketOptions;
  private readonly connectionOptions: ConnectionOptions;
  private readonly handshakes: HandshakeOptions;

  constructor(private readonly options: WsServerOptions) {
    this.server = new WebSocketServer({
      noServer: true,
      maxPayload: options.maxFrameBytes,
      // Messages are small, and the buffers of compression would cost more memory per socket than all the rest.
      perMessageDeflate: false,
      handleProtocols: offered => (offered.has(subprotocol) ? subprotocol : false),
    });
    this.socketOptions = { ...options, limits: options.brakes };
    const { heartbeatMs: clientHeartbeatMs } = options;
    this.connectionOptions = { ...options, limits: options, clientHeartbeatMs, carriers: this.carriers };
    this.handshakes = { ...options, socketCount: () => this.open.size };
    options.metrics.sockets.reset();
  }

  async start(): Promise<void> {
    this.options.http.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
    this.heartbeat = setInterval(() => {
      const nowMs = Date.now();
      for (const [socket, connection] of this.open) {
        socket.checkHeartbeat();
        connection.refreshIceServers(nowMs);
      }
    }, this.options.heartbeatMs);
  }

  /** A message from another node, for a session whose socket is here. */
  hear(message: InboxMessage): void {
    this.carriers.hear(message);
  }

  connections(): Iterable<Connection> {
    return this.open.values();
  }

  /**
   * Asks every client that can to move, spread over half of the time there is, and waits until they have. Who is
   * left is detached: its media plays on, and a controller looks after it (R-NODE-1, R-OWN-4).
   */
  async drain(): Promise<void> {
    const { readiness, cluster, drainMs } = this.options;
    readiness.isDraining = true;
    const deadlineMs = Date.now() + drainMs;
    const moving = [...this.open.values()].filter(connection =>
      connection.goAway(Math.random() * (drainMs / 2)),
    );
    await cluster.reach('drain:told');
    const areGone = () => moving.every(connection => !connection.present);
    while (!areGone() && Date.now() < deadlineMs)
      await new Promise(resolve => setTimeout(resolve, drainLookMs));
    await Promise.all(
      [...this.open].map(([socket, connection]) => {
        const abandoned = connection.abandon();
        socket.close('going-away');
        return abandoned;
      }),
    );
  }

  async stop(): Promise<void> {
    clearInterval(this.heartbeat);
    for (const socket of this.open.keys()) socket.terminate();
    this.server.close();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { brakes } = this.options;
    const asked = readHandshake(request, this.handshakes);
    if ('status' in asked) {
      if (asked.limit) brakes.count(asked.limit);
      return refuse(socket, asked.status);
    }
    // Also when the handshake goes wrong after all.
    socket.once('close', () => brakes.socketsByAddress.give(asked.address));
    // The handshake's answer and the welcome leave in one write.
    socket.cork();
    this.server.handleUpgrade(request, socket, head, ws => {
      const speech = ws.protocol === subprotocol ? subprotocol : 'tutorial';
      const { path, room, address } = asked;
      this.accept(ws, socket, { path, room, address, speech });
    });
    socket.uncork();
  }

  private accept(ws: WebSocket, stream: Duplex, opening: Opening): void {
    const { metrics } = this.options;
    const socket = new ClientSocket(ws, stream, this.socketOptions);
    const connection = new Connection(socket, opening, this.connectionOptions);
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
    connection.welcome();
  }
}

/** A refused handshake. `Retry-After` is in seconds. */
function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n`);
}
