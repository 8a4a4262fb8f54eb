/** What whoever creates a room wants of it; each may be left out. They count from the room's next opening on. */
export interface RoomOptions {
  /** Shown in the directory; without it the room's name is. */
  title?: string | undefined;
  /** Nobody may present before, Unix ms. */
  opensAtMs?: number | undefined;
  /** Moderators come in all the same. */
  maxViewers?: number | undefined;
  /** From its going live; then it is closed. */
  maxDurationMs?: number | undefined;
  /** Pause between two messages of one sender. */
  slowModeMs?: number | undefined;
  /** False: it is not in the directory. */
  isListed?: boolean | undefined;
}
