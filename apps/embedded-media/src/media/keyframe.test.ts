import { expect, it } from 'vitest';
import type { Codec } from './codec.js';
import { isKeyframeStart } from './keyframe.js';

const vp8: Codec = { name: 'VP8' };
const h264: Codec = { name: 'H264', profileLevelId: '42e01f', packetizationMode: 1 };

it.each<[string, Codec, number[], boolean]>([
  ['VP8 keyframe', vp8, [0x10, 0x00], true],
  ['VP8 inter frame', vp8, [0x10, 0x01], false],
  ['VP8 keyframe, later packet', vp8, [0x00, 0x00], false],
  ['VP8 keyframe, second partition', vp8, [0x11, 0x00], false],
  [
    'VP8 keyframe behind a 15-bit picture id, TL0 and TID',
    vp8,
    [0x90, 0xe0, 0x80, 0x01, 0x05, 0x20, 0x00],
    true,
  ],
  ['VP8 inter frame behind a 15-bit picture id', vp8, [0x90, 0x80, 0x80, 0x00, 0x01], false],
  ['VP8 keyframe behind a 7-bit picture id', vp8, [0x90, 0x80, 0x01, 0x00], true],
  ['VP8 descriptor without a payload', vp8, [0x90, 0x80, 0x80], false],
  ['nothing', vp8, [], false],
  ['H264 parameter sets in a STAP-A', h264, [0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xce], true],
  ['H264 STAP-A of slices', h264, [0x78, 0, 2, 0x41, 0x9a, 0, 2, 0x41, 0x9b], false],
  ['H264 STAP-A with a zero length', h264, [0x78, 0, 0, 0, 0, 0], false],
  ['H264 SPS alone', h264, [0x67, 0x42], true],
  ['H264 IDR slice', h264, [0x65, 0x88], true],
  ['H264 first fragment of an IDR slice', h264, [0x7c, 0x85], true],
  ['H264 later fragment of an IDR slice', h264, [0x7c, 0x05], false],
  ['H264 first fragment of another slice', h264, [0x7c, 0x81], false],
  ['Opus', { name: 'opus' }, [0x10, 0x00], false],
])('%s', (_, codec, bytes, expected) => {
  const buffer = Buffer.from([0xff, 0xff, ...bytes]);
  expect(isKeyframeStart(codec, buffer, 2, buffer.length)).toBe(expected);
});
