import { describe, expect, it } from 'vitest';
import { cameraProblem, openCamera } from './camera.js';

const refusal = (name: string) => new DOMException('', name);

describe('the camera', () => {
  it.each([
    ['NotAllowedError', 'camera-denied'],
    ['SecurityError', 'camera-denied'],
    ['NotFoundError', 'no-camera'],
    ['OverconstrainedError', 'no-camera'],
    ['NotReadableError', 'camera-busy'],
    ['AbortError', 'camera-busy'],
  ])('%s means %s', (name, code) => {
    expect(cameraProblem(refusal(name))).toBe(code);
  });

  it('is out of reach where the browser hides it', async () => {
    expect(await openCamera(undefined)).toEqual({ problem: { code: 'insecure-context' } });
  });
});
