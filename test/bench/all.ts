import type { Benchmark } from './benchmark.js';
import { joinGrowth } from './join-growth.js';
import { joinLatency } from './join-latency.js';
import { joinRoundTrips } from './join-round-trips.js';
import { joinThroughput } from './join-throughput.js';

/** In the order of the table of targets. */
export const benchmarks: readonly Benchmark[] = [joinThroughput, joinLatency, joinGrowth, joinRoundTrips];
