import type { RoomChange } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { createEventSequencer } from './event-sequencer.js';

const change = (seq: number): RoomChange => ({ id: 'room', type: 'presenter-live', generation: 1, seq });
const room = (seq: number) => ({ state: 'live' as const, generation: 1, seq });
const seen = (...seqs: number[]) => {
  const sequencer = createEventSequencer();
  for (const seq of seqs) sequencer.place(change(seq));
  return sequencer;
};

describe('[R-BUS-1] the order of events', () => {
  it('begins with whatever event comes first', () => {
    const sequencer = createEventSequencer();
    expect(sequencer.place(change(57))).toBe('next');
    expect(sequencer.place(change(58))).toBe('next');
    expect(sequencer.seq).toBe(58);
  });

  it('drops what was seen before', () => {
    const sequencer = seen(3, 4);
    expect(sequencer.place(change(4))).toBe('known');
    expect(sequencer.place(change(2))).toBe('known');
    expect(sequencer.seq).toBe(4);
  });

  it('says that something is missing, and does not move on', () => {
    const sequencer = seen(3);
    expect(sequencer.place(change(5))).toBe('gap');
    expect(sequencer.place(change(6))).toBe('gap');
    expect(sequencer.seq).toBe(3);
    expect(sequencer.place(change(4))).toBe('next');
  });

  it('catches up with what was missed, once, whatever the order it came in', () => {
    const sequencer = seen(3);
    const caughtUp = sequencer.catchUp({
      events: [5, 3, 4, 6].map(change),
      isComplete: true,
      room: room(6),
    });
    expect(caughtUp).toEqual({ changes: [4, 5, 6].map(change), isComplete: true });
    expect(sequencer.place(change(6))).toBe('known');
    expect(sequencer.place(change(7))).toBe('next');
  });

  it('does not lose an event that is still on its way when the room is already further', () => {
    const sequencer = seen(3);
    sequencer.catchUp({ events: [change(4)], isComplete: true, room: room(5) });
    expect(sequencer.place(change(5))).toBe('next');
  });

  it('goes on from the room’s state when the log does not reach back', () => {
    const sequencer = seen(3);
    const caughtUp = sequencer.catchUp({ events: [change(9)], isComplete: false, room: room(9) });
    expect(caughtUp).toEqual({ changes: [change(9)], isComplete: false });
    expect(sequencer.place(change(10))).toBe('next');
  });

  it('believes the numbers more than the server’s word', () => {
    const sequencer = seen(3);
    expect(sequencer.catchUp({ events: [change(7)], isComplete: true, room: room(8) }).isComplete).toBe(
      false,
    );
    expect(sequencer.seq).toBe(8);
  });

  it('starts from the room’s number when it never saw an event', () => {
    const sequencer = createEventSequencer();
    sequencer.catchUp({ events: [], isComplete: true, room: room(12) });
    expect(sequencer.place(change(14))).toBe('gap');
    sequencer.reset();
    expect(sequencer.place(change(2))).toBe('next');
  });
});
