import { expect, it } from 'vitest';
import { compactNtp, ntpFromUnixMs, unixMsFromNtp } from './ntp-time.js';
import { MediaClock, PublisherClock } from './publisher-clock.js';

const NOW_MS = 1_800_000_000_000;

it('converts to NTP and back', () => {
  expect(unixMsFromNtp(ntpFromUnixMs(NOW_MS + 123.5))).toBeCloseTo(NOW_MS + 123.5, 2);
  expect(compactNtp({ seconds: 0x1234_5678, fraction: 0x9abc_def0 })).toBe(0x5678_9abc);
});

it('keeps sound and picture in step, however late their reports came', () => {
  const publisher = new PublisherClock();
  const audio = new MediaClock(publisher, 48_000);
  const video = new MediaClock(publisher, 90_000);
  expect(video.timestampAt(NOW_MS)).toBeUndefined();
  // The publisher's clock is an hour off; the two reports took 5 and 80 ms.
  const theirs = (ms: number) => ntpFromUnixMs(ms - 3_600_000);
  audio.onSenderReport(theirs(NOW_MS), 480_000, NOW_MS + 5);
  video.onSenderReport(theirs(NOW_MS), 900_000, NOW_MS + 80);
  const later = NOW_MS + 1000;
  const audioSeconds = ((audio.timestampAt(later) ?? 0) - 480_000) / 48_000;
  const videoSeconds = ((video.timestampAt(later) ?? 0) - 900_000) / 90_000;
  expect(audioSeconds).toBeCloseTo(videoSeconds, 3);
  expect(audioSeconds).toBeCloseTo(0.995, 1);
});
