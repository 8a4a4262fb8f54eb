import { logLevel, wholeNumber } from '@manycast/runtime';
import { z } from 'zod';

/** Read from the environment as MANYCAST_<NAME>; durations in ms, sizes in bytes. */
export const configSchema = z.object({
  host: z.string().default('127.0.0.1').describe('the address to listen on, for control and for media'),
  port: wholeNumber(0, 65_535)
    .default(8888)
    .describe('the TCP port of /kurento, /livez, /readyz and /metrics'),
  udpPort: wholeNumber(0, 65_535)
    .default(0)
    .describe('the UDP port that all endpoints share; 0 gives each endpoint a port of its own'),
  media: z
    .enum(['webrtc', 'none'])
    .default('webrtc')
    .describe('none: endpoints negotiate and no media flows, to measure what is in front of a media server'),
  collectorPeriodMs: wholeNumber(100, 86_400_000)
    .default(240_000)
    .describe('a session is collected one to two of these after its socket died'),
  maxSockets: wholeNumber(1, 100_000).default(1000).describe('control connections beyond this are refused'),
  maxFrameBytes: wholeNumber(1024, 1 << 28)
    .default(1 << 20)
    .describe('a control connection that sends a longer frame is closed (1009)'),
  maxUnsentBytes: wholeNumber(1024, 1 << 30)
    .default(8 << 20)
    .describe('a client that lets this much pile up unread is cut off'),
  logLevel: logLevel.default('info').describe('trace, debug, info, warn, error or silent'),
});

export type Config = z.infer<typeof configSchema>;
