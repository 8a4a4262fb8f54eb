import type { Benchmark } from './benchmark.js';
import { embeddedMedia } from './embedded-media.js';
import { fanOut } from './fan-out.js';
import { joinBurst } from './join-burst.js';
import { joinGrowth } from './join-growth.js';
import { joinLatency } from './join-latency.js';
import { joinRoundTrips } from './join-round-trips.js';
import { joinThroughput } from './join-throughput.js';
import { memory } from './memory.js';
import { relayLatency } from './relay-latency.js';
import { relayPerCpu } from './relay-per-cpu.js';
import { resumeStorm } from './resume-storm.js';

/** In the order of the table of targets. */
export const benchmarks: readonly Benchmark[] = [
  joinThroughput,
  joinLatency,
  relayPerCpu,
  relayLatency,
  fanOut,
  memory,
  resumeStorm,
  joinGrowth,
  joinRoundTrips,
  joinBurst,
  embeddedMedia,
];
