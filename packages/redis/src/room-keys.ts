import type { RoomName } from '@manycast/protocol';
import type { Keys } from './keys.js';

/** What a script about one room may touch; all in one slot. */
export type RoomKey = 'room' | 'sessions' | 'eventLog' | 'chat' | 'barred' | 'outbox' | 'options';

export const roomKeyNames: readonly RoomKey[] = [
  'room',
  'sessions',
  'eventLog',
  'chat',
  'barred',
  'outbox',
  'options',
];

/** Put before every script about a room, in this order. */
export const roomIncludes = ['lib-outbox.lua', 'lib-chat.lua', 'lib-room.lua', 'lib-bars.lua'] as const;

/** The keys and arguments of a script; a script takes of the arguments what it needs. */
export function roomCall(keys: Keys, room: RoomName, args: object): [Record<RoomKey, string>, object] {
  const wanted = keys.wanted();
  return [
    {
      room: keys.room(room),
      sessions: keys.sessions(room),
      eventLog: keys.eventLog(room),
      chat: keys.chat(room),
      barred: keys.barred(room),
      outbox: keys.outbox(room),
      options: keys.options(room),
    },
    {
      ...args,
      eventChannel: keys.eventChannel(room),
      feedChannel: keys.feedChannel(room),
      inboxPrefix: keys.inboxPrefix(),
      ...(wanted && { wanted, room, nudges: keys.nudges() }),
    },
  ];
}
