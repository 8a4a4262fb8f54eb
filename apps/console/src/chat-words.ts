import type { ChatEntryMessage } from '@manycast/protocol';

/** Who has no name by a token is called by its session, the same for everybody. */
export const nameOf = (session: string, name: string | null): string =>
  name ?? `Guest ${session.slice(0, 4)}`;

/** Since the broadcast began: `0:07`, `1:02:03`. */
export function timeInto(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  const rest = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** What a moderator did, for those who are shown it; undefined for what shows by itself. */
export function entryWords(
  entry: Exclude<ChatEntryMessage, { type: 'message' }>,
  ownSession: string | undefined,
): string | undefined {
  const whom = 'session' in entry ? (entry.session === ownSession ? 'You' : nameOf(entry.session, null)) : '';
  const was = whom === 'You' ? 'were' : 'was';
  switch (entry.type) {
    case 'deleted':
      return undefined;
    case 'muted':
      return `${whom} ${was} muted.`;
    case 'unmuted':
      return `${whom} may write again.`;
    case 'kicked':
      return `${whom} ${was} removed.`;
    case 'banned':
      return `${whom} ${was} banned.`;
    case 'unbanned':
      return `${whom} may come back.`;
    case 'slow-mode':
      return entry.intervalMs > 0 ? 'Slow mode is on.' : 'Slow mode is off.';
    case 'closed':
      return 'A moderator has ended the broadcast.';
    case 'ended': {
      const minutes = Math.round((entry.closesAtMs - entry.atMs) / 60_000);
      const time = minutes === 1 ? 'a minute' : `${minutes} minutes`;
      return minutes > 0
        ? `The broadcast is over. The chat stays open for ${time}.`
        : 'The broadcast is over.';
    }
    default:
      // A newer server says more.
      return undefined;
  }
}
