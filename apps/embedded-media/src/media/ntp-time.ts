/** Seconds from 1900-01-01 (NTP, RFC 5905) to 1970-01-01. */
const EPOCH_OFFSET_S = 2_208_988_800;
const FRACTION_PER_S = 2 ** 32;

export interface NtpTime {
  seconds: number;
  fraction: number;
}

export function ntpFromUnixMs(unixMs: number): NtpTime {
  const wholeSeconds = Math.floor(unixMs / 1000);
  return {
    seconds: (wholeSeconds + EPOCH_OFFSET_S) >>> 0,
    fraction: Math.floor(((unixMs - wholeSeconds * 1000) / 1000) * FRACTION_PER_S) >>> 0,
  };
}

export function unixMsFromNtp(time: NtpTime): number {
  return (time.seconds - EPOCH_OFFSET_S) * 1000 + (time.fraction / FRACTION_PER_S) * 1000;
}

/** The middle 32 bits, as reports quote them (LSR): units of 1/65536 s. */
export function compactNtp(time: NtpTime): number {
  return (((time.seconds & 0xffff) << 16) | (time.fraction >>> 16)) >>> 0;
}
