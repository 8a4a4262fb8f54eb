import type { LocalProblemCode } from './problem.js';

export type Camera = { stream: MediaStream; hasSound: boolean } | { problem: { code: LocalProblemCode } };

const video: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30 },
};

/** Camera and microphone, or the camera alone where there is no microphone. */
export async function openCamera(devices: MediaDevices | undefined): Promise<Camera> {
  // Outside a secure context browsers do not even show the API.
  if (!devices?.getUserMedia) return { problem: { code: 'insecure-context' } };
  try {
    return { stream: await devices.getUserMedia({ audio: true, video }), hasSound: true };
  } catch (error) {
    if (cameraProblem(error) !== 'no-camera') return { problem: { code: cameraProblem(error) } };
  }
  try {
    return { stream: await devices.getUserMedia({ video }), hasSound: false };
  } catch (error) {
    return { problem: { code: cameraProblem(error) } };
  }
}

/** The names of DOMExceptions that getUserMedia rejects with (Media Capture and Streams, 10.3). */
export function cameraProblem(error: unknown): LocalProblemCode {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'camera-denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'no-camera';
    case 'TypeError':
      return 'insecure-context';
    default:
      // NotReadableError and AbortError: the device exists and does not open.
      return 'camera-busy';
  }
}
