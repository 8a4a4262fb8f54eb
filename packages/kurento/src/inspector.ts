import type {
  EndpointFigures,
  EndpointRef,
  EndpointStates,
  MediaInspector,
  ObjectTags,
  PipelineRef,
} from '@manycast/core';
import {
  asEndpointId,
  asPipelineId,
  type EndpointId,
  type MediaServerUrl,
  type PipelineId,
} from '@manycast/protocol';
import { SERVER_MANAGER } from './connection.js';
import type { MediaServer } from './media-server.js';
import { readTags } from './object-tags.js';

/** Counted under `operation`; waits for the server's first connection. */
export type RequestOnServer = <T>(
  operation: string,
  url: MediaServerUrl,
  request: (server: MediaServer) => Promise<T>,
) => Promise<T>;

/** Looks at the objects of media servers. Everything about one pipeline goes over one link, so that one session holds it. */
export class Inspector implements MediaInspector {
  readonly #request: RequestOnServer;

  constructor(request: RequestOnServer) {
    this.#request = request;
  }

  guard({ server: url, pipeline }: PipelineRef): Promise<void> {
    return this.#request('guard', url, async server => {
      // What is guarded is remembered until it is told to be gone.
      await server.manager.open();
      await server.guardian.guard(pipeline);
    });
  }

  endpoints({ server: url, pipeline }: PipelineRef): Promise<EndpointId[]> {
    return this.#request('list-endpoints', url, async server => {
      const children = await server.childrenOf(server.links.forCommands(pipeline), pipeline);
      return children.filter(id => id.endsWith('.WebRtcEndpoint')).map(asEndpointId);
    });
  }

  tags({
    server: url,
    object,
  }: {
    server: MediaServerUrl;
    object: PipelineId | EndpointId;
  }): Promise<ObjectTags | null> {
    return this.#request('get-tags', url, async server => {
      const pipeline = pipelineOf(object);
      const link = server.links.forCommands(pipeline);
      const tags = readTags(await server.invoke(link, object, 'getTags', {}));
      // Who only looks takes a reference as well, and must not keep a stranger's objects alive by it.
      if (!tags && !server.guardian.isGuarded(pipeline)) await server.letGo(link, object);
      return tags;
    });
  }

  states({ server: url, endpoint }: EndpointRef): Promise<EndpointStates> {
    return this.#request('get-states', url, async server => {
      const link = server.links.forCommands(pipelineOf(endpoint));
      const ask = (operation: string) => server.invoke(link, endpoint, operation, {});
      const [connection, media] = await Promise.all(['getConnectionState', 'getMediaState'].map(ask));
      return { connection: connectedOr(connection), media: connectedOr(media) };
    });
  }

  figures({ server: url, endpoint }: EndpointRef): Promise<EndpointFigures> {
    return this.#request('get-stats', url, async server => {
      const link = server.links.forCommands(pipelineOf(endpoint));
      const ask = (operation: string) => server.invoke(link, endpoint, operation, {});
      const [connection, media, stats] = await Promise.all(
        ['getConnectionState', 'getMediaState', 'getStats'].map(ask),
      );
      return {
        connection: connectedOr(connection),
        media: connectedOr(media),
        ...totals(stats),
      };
    });
  }

  pipelines(url: MediaServerUrl): Promise<PipelineId[]> {
    return this.#request('list-pipelines', url, async server => {
      const link = server.links.forCommands(SERVER_MANAGER);
      const ids = await server.invoke(link, SERVER_MANAGER, 'getPipelines', {});
      return (ids as string[]).map(asPipelineId);
    });
  }

  watchPipelines(url: MediaServerUrl, onCreated: (pipeline: PipelineId) => void): Promise<void> {
    return this.#request('watch-pipelines', url, server => server.manager.watch(onCreated));
  }
}

/** An endpoint's id is its pipeline's, a slash and its own. */
function pipelineOf(object: string): PipelineId {
  return asPipelineId(object.split('/', 1)[0] ?? object);
}

const connectedOr = (state: unknown) => (state === 'CONNECTED' ? 'connected' : 'disconnected');

/** Kurento's report has one entry per stream (RTCInboundRTPStreamStats, RTCOutboundRTPStreamStats) and one for the endpoint. */
function totals(report: unknown): Pick<EndpointFigures, 'bytesIn' | 'bytesOut' | 'packetsLost'> {
  const sum = { bytesIn: 0, bytesOut: 0, packetsLost: 0 };
  for (const { type, bytesReceived, bytesSent, packetsLost } of Object.values(
    report ?? {},
  ) as StreamStats[]) {
    if (type === 'inboundrtp') sum.bytesIn += bytesReceived ?? 0;
    if (type === 'outboundrtp') sum.bytesOut += bytesSent ?? 0;
    sum.packetsLost += packetsLost ?? 0;
  }
  return sum;
}

interface StreamStats {
  type: string;
  bytesReceived?: number;
  bytesSent?: number;
  packetsLost?: number;
}
