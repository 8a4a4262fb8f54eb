import { expect, it } from 'vitest';
import { h264FromFmtp, h264Profile, mismatch } from './codec.js';

const h264 = (profile: string, mode = 1) =>
  h264FromFmtp(`level-asymmetry-allowed=1; packetization-mode=${mode};profile-level-id=${profile}`);

it('reads H264 parameters, and what their absence means', () => {
  expect(h264('42E01F')).toEqual({ name: 'H264', profileLevelId: '42e01f', packetizationMode: 1 });
  expect(h264FromFmtp(undefined)).toEqual({ name: 'H264', profileLevelId: '42000a', packetizationMode: 0 });
  expect(h264FromFmtp('profile-level-id=zzz')).toMatchObject({ profileLevelId: '42000a' });
  expect(['42e01f', '42001f', '4d001f', '640c1f', '64001f', 'f4001f'].map(h264Profile)).toEqual([
    'constrained-baseline',
    'baseline',
    'main',
    'constrained-high',
    'high',
    'other',
  ]);
});

it('matches the exact codec best, then those that can decode it', () => {
  expect(mismatch({ name: 'VP8' }, { name: 'VP8' })).toBe(0);
  expect(mismatch({ name: 'VP8' }, h264('42e01f'))).toBeUndefined();
  expect(mismatch(h264('42e01f'), h264('42e034'))).toBe(0);
  expect(mismatch(h264('42e01f'), h264('64001f'))).toBeGreaterThan(
    mismatch(h264('42e01f'), h264('42001f')) ?? 99,
  );
  expect(mismatch(h264('64001f'), h264('42e01f'))).toBeUndefined();
});

it('never sends fragments to a peer that asked for single units', () => {
  expect(mismatch(h264('42e01f', 1), h264('42e01f', 0))).toBeUndefined();
  expect(mismatch(h264('42e01f', 0), h264('42e01f', 1))).toBe(1);
});
