import { SignalError } from '@manycast/protocol';

/** Runs a Redis operation; whatever goes wrong there is `unavailable` to the rest of the house. */
export async function guard<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof SignalError) throw error;
    // A script that fails is a fault of ours, not an outage: retrying would not help.
    if (error instanceof Error && error.name === 'ReplyError' && !isPassing(error)) {
      throw new SignalError('internal', { cause: error });
    }
    throw new SignalError('unavailable', { cause: error, retryAfterMs: 1_000 });
  }
}

/** Redis is there and says that it cannot just now: loading, failing over, out of memory, read-only replica. */
const isPassing = ({ message }: Error): boolean =>
  /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|OOM|NOREPLICAS|UNBLOCKED|MISCONF)\b/.test(message);
