import { Counter, createRegistry, Gauge, type Registry } from '@manycast/runtime';

export interface Figures {
  endpoints(): number;
  pipelines(): number;
  sessions(): number;
  sockets(): number;
}

/** What /metrics shows besides the process's own figures (processor time, memory, event loop). */
export function createMetrics(figures: Figures): {
  registry: Registry;
  countRequest: (method: string, outcome: 'success' | number) => void;
} {
  const registry = createRegistry();
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `manycast_media_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge('endpoints', 'WebRTC endpoints that are alive', figures.endpoints);
  gauge('pipelines', 'Pipelines that are alive', figures.pipelines);
  gauge('sessions', 'Control sessions that hold objects', figures.sessions);
  gauge('sockets', 'Control connections that are open', figures.sockets);
  const requests = new Counter({
    name: 'manycast_media_rpc_requests_total',
    help: 'JSON-RPC requests by method and outcome (success or the error code)',
    labelNames: ['method', 'outcome'],
    registers: [registry],
  });
  return {
    registry,
    countRequest: (method, outcome) => requests.inc({ method, outcome: String(outcome) }),
  };
}
