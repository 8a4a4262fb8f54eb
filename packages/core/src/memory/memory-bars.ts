import type { RoomName, SessionId } from '@manycast/protocol';

export interface Bar {
  mutedUntilMs?: number;
  isBanned?: boolean;
}

export interface Subject {
  room: RoomName;
  session: SessionId;
  identity: string | null;
}

/** Who is muted or banned where. */
export class MemoryBars {
  private readonly bars = new Map<string, Bar>();
  private readonly subjects = new Map<string, Subject>();

  /** Whom an act was about, also when the session has ended since. */
  subject(room: RoomName, session: SessionId): Subject | undefined {
    return this.subjects.get(`${room}/${session}`);
  }

  of(subject: Subject): Bar | undefined {
    return this.bars.get(keyOf(subject));
  }

  set(subject: Subject, bar: Bar): void {
    this.bars.set(keyOf(subject), { ...this.of(subject), ...bar });
    const { room, session } = subject;
    this.subjects.set(`${room}/${session}`, subject);
  }
}

const keyOf = ({ room, session, identity }: Subject): string =>
  identity === null ? `${room}/session:${session}` : `${room}/identity:${identity}`;
