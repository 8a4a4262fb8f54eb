/** Waits for a condition; fails with its name once the deadline has passed. */
export async function until(what: string, condition: () => boolean, deadlineMs = 5000): Promise<void> {
  const giveUpAt = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}
