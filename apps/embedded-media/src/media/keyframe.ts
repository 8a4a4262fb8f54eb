import type { Codec } from './codec.js';

/** Whether a payload is the first packet of a picture that can be decoded without any earlier one. */
export function isKeyframeStart(codec: Codec, buffer: Buffer, start: number, end: number): boolean {
  switch (codec.name) {
    case 'VP8':
      return isVp8KeyframeStart(buffer, start, end);
    case 'H264':
      return isH264KeyframeStart(buffer, start, end);
    case 'opus':
      return false;
  }
}

/** RFC 7741 4.2 (payload descriptor) and 4.3 (payload header). */
function isVp8KeyframeStart(buffer: Buffer, start: number, end: number): boolean {
  if (start >= end) return false;
  const descriptor = buffer[start] as number;
  const startsFirstPartition = (descriptor & 0x10) !== 0 && (descriptor & 0x07) === 0;
  if (!startsFirstPartition) return false;
  let at = start + 1;
  if ((descriptor & 0x80) !== 0) {
    if (at >= end) return false;
    const extension = buffer[at++] as number;
    if ((extension & 0x80) !== 0) at += ((buffer[at] ?? 0) & 0x80) !== 0 ? 2 : 1;
    if ((extension & 0x40) !== 0) at += 1;
    if ((extension & 0x30) !== 0) at += 1;
  }
  return at < end && ((buffer[at] as number) & 0x01) === 0;
}

const IDR_SLICE = 5;
const SEQUENCE_PARAMETERS = 7;
const STAP_A = 24;
const FU_A = 28;

/** RFC 6184 5.2: parameter sets, or an IDR slice where they travel out of band. */
function isH264KeyframeStart(buffer: Buffer, start: number, end: number): boolean {
  if (start >= end) return false;
  const type = (buffer[start] as number) & 0x1f;
  if (type === SEQUENCE_PARAMETERS || type === IDR_SLICE) return true;
  if (type === FU_A && start + 1 < end) {
    const fragment = buffer[start + 1] as number;
    return (fragment & 0x80) !== 0 && (fragment & 0x1f) === IDR_SLICE;
  }
  if (type !== STAP_A) return false;
  for (let at = start + 1; at + 2 < end; ) {
    const unit = (buffer[at + 2] as number) & 0x1f;
    if (unit === SEQUENCE_PARAMETERS || unit === IDR_SLICE) return true;
    at += 2 + buffer.readUInt16BE(at);
  }
  return false;
}
