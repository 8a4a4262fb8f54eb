import { readFileSync } from 'node:fs';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Gauges that prom-client names like counters, which `promtool check metrics` refuses. */
const misnamed = ['handles', 'requests', 'resources'].map(what => `nodejs_active_${what}_total`);

/**
 * A registry of its own per process (or per test), with Node's own figures: CPU, memory, event-loop lag. Every
 * series says by `manycast_build_info` which release it comes from.
 */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  const build = new Gauge({
    name: 'manycast_build_info',
    help: 'Always 1; its labels say which release runs on which Node',
    labelNames: ['version', 'node_version'],
    registers: [registry],
  });
  build.set({ version: releaseVersion(), node_version: process.version }, 1);
  return registry;
}

/** All packages of a release have one version. */
function releaseVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}

/** Bucket boundaries in seconds for what is ordinarily done in milliseconds and given up after ten seconds. */
export const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
