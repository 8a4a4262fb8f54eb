import { setTimeout as pause } from 'node:timers/promises';

/**
 * Closes a part of BullMQ, or cuts its connections when that takes longer: during an outage its `close` waits for
 * Redis, and its `disconnect` for an event that does not come. Never rejects.
 */
export async function closeWithin(
  timeoutMs: number,
  part: { close(): Promise<void>; disconnect(): Promise<void> },
): Promise<void> {
  const isClosed = part.close().then(
    () => true,
    () => false,
  );
  const isLate = pause(timeoutMs, false, { ref: false });
  if (!(await Promise.race([isClosed, isLate]))) part.disconnect().catch(() => {});
}
