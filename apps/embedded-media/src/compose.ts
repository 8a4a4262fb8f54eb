import { type Logger, runServices, type Service } from '@manycast/runtime';
import type { Config } from './config.js';
import type { FailOrder } from './failures/fail-order.js';
import { Failures } from './failures/failures.js';
import { HttpServer } from './http-server.js';
import type { JsonObject } from './json.js';
import { createMediaPlane, type MediaPlane } from './media/media-plane.js';
import { createNegotiatingPlane } from './media/negotiating-plane.js';
import { MediaServer } from './media-server.js';
import { createMetrics } from './metrics.js';
import { MediaPipeline } from './objects/media-pipeline.js';
import { WebRtcEndpoint } from './objects/webrtc-endpoint.js';
import { checkResources } from './resources.js';
import { Dispatcher } from './rpc/dispatcher.js';
import { kurentoError } from './rpc/kurento-error.js';
import { ReplyCache } from './rpc/reply-cache.js';
import { KurentoServer } from './rpc/websocket-server.js';
import { Collector } from './sessions/collector.js';

/** For tests: how it fails from the start, and whether it takes more such orders on its HTTP port. */
export interface FailOptions {
  fail: FailOrder[];
  takesOrders: boolean;
}

export interface RunningMediaServer {
  /** Where clients connect to. */
  url: string;
  stop(): Promise<void>;
}

/** The whole process: the one place that knows every part of it. Rejects when the port cannot be had. */
export async function startEmbeddedMedia(
  config: Config,
  log: Logger,
  { fail, takesOrders }: FailOptions = { fail: [], takesOrders: false },
  plane: MediaPlane = planeFor(config, log),
): Promise<RunningMediaServer> {
  const cache = new ReplyCache<JsonObject>();
  const failures = new Failures(log);
  const metrics = createMetrics({
    endpoints: () => server.objects().filter(object => object instanceof WebRtcEndpoint).length,
    pipelines: () => server.objects().filter(object => object instanceof MediaPipeline).length,
    sessions: () => server.sessions.sessions().length,
    sockets: () => kurento.socketCount,
  });
  const http = new HttpServer({
    ...{ host: config.host, port: config.port, registry: () => metrics.registry },
    ...(takesOrders && { failures }),
  });
  const kurento = new KurentoServer({ ...config, http: http.server, failures, log });
  const begin = (): MediaServer => {
    const own = new MediaServer({
      plane,
      log,
      send: (session, text) => kurento.send(session, text),
      checkResources: () => {
        // A request that was under way when the server was told to restart makes nothing more.
        if (own !== server) throw kurentoError('NOT_ENOUGH_RESOURCES', 'The server has restarted');
        failures.checkCreate();
        checkResources();
      },
    });
    kurento.use(new Dispatcher({ server: own, cache, log, onProcessed: metrics.countRequest }));
    return own;
  };
  let server = begin();
  failures.use({
    dropSockets: () => kurento.drop(),
    restart: () => {
      kurento.drop();
      server.close();
      cache.clear();
      server = begin();
    },
  });
  for (const order of fail) failures.order(order);
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

function planeFor({ media, host, udpPort }: Config, log: Logger): MediaPlane {
  return media === 'none' ? createNegotiatingPlane(log) : createMediaPlane({ host, udpPort, log });
}
