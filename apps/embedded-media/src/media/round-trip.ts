import { compactNtp, ntpFromUnixMs } from './ntp-time.js';
import type { ReportBlock } from './rtcp-message.js';

/** The round trip a report tells of, or undefined when its sender has seen no report of ours. */
export function roundTripMs(report: ReportBlock, nowMs: number): number | undefined {
  if (report.lastSr === 0) return undefined;
  const now = compactNtp(ntpFromUnixMs(nowMs));
  const trip = (now - report.lastSr - report.delaySinceLastSr) | 0;
  return trip < 0 ? 0 : (trip / 65_536) * 1000;
}
