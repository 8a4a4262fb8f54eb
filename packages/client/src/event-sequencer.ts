import type { Resumed, RoomChange } from '@manycast/protocol';

/** What to do with an event: `next` is told on, `known` was told before, `gap` came while one before it is missing. */
type Place = 'next' | 'known' | 'gap';

interface CaughtUp {
  /** To be told now, in order. */
  changes: RoomChange[];
  /** False when events are lost for good: the room's present state is all there is. */
  isComplete: boolean;
}

/** Puts a room's events in order, each once, across sockets ([R-BUS-1] seen from the client). */
export interface EventSequencer {
  /** Number of the last event that was told on; 0 before the first. */
  readonly seq: number;
  place(change: RoomChange): Place;
  catchUp(resumed: Pick<Resumed, 'events' | 'isComplete' | 'room'>): CaughtUp;
  /** What came after the last event, up to this number, is lost for good. */
  skipTo(seq: number): void;
  /** For one who joins: the first event may have any number. */
  reset(): void;
}

export function createEventSequencer(): EventSequencer {
  let seq = 0;

  function place(change: RoomChange): Place {
    if (seq > 0 && change.seq > seq + 1) return 'gap';
    if (change.seq <= seq) return 'known';
    seq = change.seq;
    return 'next';
  }

  function catchUp({ events, isComplete, room }: Pick<Resumed, 'events' | 'isComplete' | 'room'>): CaughtUp {
    const changes: RoomChange[] = [];
    let hasHole = !isComplete;
    for (const change of [...events].sort((a, b) => a.seq - b.seq)) {
      if (change.seq <= seq) continue;
      if (seq > 0 && change.seq > seq + 1) hasHole = true;
      seq = change.seq;
      changes.push(change);
    }
    // Where nothing is missing, later events are on their way; where something is, the state speaks for it all.
    if (hasHole || seq === 0) seq = Math.max(seq, room.seq);
    return { changes, isComplete: !hasHole };
  }

  return {
    get seq() {
      return seq;
    },
    place,
    catchUp,
    skipTo: lost => {
      seq = Math.max(seq, lost);
    },
    reset: () => {
      seq = 0;
    },
  };
}
