import { type Logger, runServices, type Service } from '@manycast/runtime';
import type { Config } from './config.js';
import { HttpServer } from './http-server.js';
import type { JsonObject } from './json.js';
import { createMediaPlane, type MediaPlane } from './media/media-plane.js';
import { MediaServer } from './media-server.js';
import { createMetrics } from './metrics.js';
import { MediaPipeline } from './objects/media-pipeline.js';
import { WebRtcEndpoint } from './objects/webrtc-endpoint.js';
import { checkResources } from './resources.js';
import { Dispatcher } from './rpc/dispatcher.js';
import { ReplyCache } from './rpc/reply-cache.js';
import { KurentoServer } from './rpc/websocket-server.js';
import { Collector } from './sessions/collector.js';

export interface RunningMediaServer {
  /** Where clients connect to. */
  url: string;
  stop(): Promise<void>;
}

/** The whole process: the one place that knows every part of it. Rejects when the port cannot be had. */
export async function startEmbeddedMedia(
  config: Config,
  log: Logger,
  plane: MediaPlane = createMediaPlane({ host: config.host, udpPort: config.udpPort, log }),
): Promise<RunningMediaServer> {
  const cache = new ReplyCache<JsonObject>();
  const metrics = createMetrics({
    endpoints: () => server.objects().filter(object => object instanceof WebRtcEndpoint).length,
    pipelines: () => server.objects().filter(object => object instanceof MediaPipeline).length,
    sessions: () => server.sessions.sessions().length,
    sockets: () => kurento.socketCount,
  });
  const http = new HttpServer({ host: config.host, port: config.port, registry: () => metrics.registry });
  const kurento = new KurentoServer({ ...config, http: http.server, log });
  const server = new MediaServer({
    plane,
    log,
    send: (session, text) => kurento.send(session, text),
    checkResources: () => checkResources(),
  });
  kurento.use(new Dispatcher({ server, cache, log, onProcessed: metrics.countRequest }));
  const collector = new Collector({
    periodMs: config.collectorPeriodMs,
    collect: () => {
      cache.forgetExpired(performance.now());
      return server.collect(session => kurento.hasSocket(session));
    },
    log,
  });
  const media: Service = {
    name: 'media',
    start: async () => {},
    stop: async () => {
      server.close();
      await plane.close();
    },
  };
  const services = await runServices([media, collector, http, kurento], log);
  const url = `ws://${config.host.includes(':') ? `[${config.host}]` : config.host}:${http.port}/kurento`;
  log.info({ url, serverId: server.serverId, collectorPeriodMs: config.collectorPeriodMs }, 'listening');
  return { url, stop: () => services.stop() };
}
