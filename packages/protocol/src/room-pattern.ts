import { z } from 'zod';
import type { RoomName } from './ids.js';

/** A room's name, or its beginning and a `*`: `class-*` is every room whose name begins with `class-`, `*` every room. */
export const RoomPattern = z
  .string()
  .regex(
    /^([A-Za-z0-9][A-Za-z0-9._-]{0,63}|([A-Za-z0-9][A-Za-z0-9._-]{0,62})?\*)$/,
    'must be the name of a room, or the beginning of one and *',
  )
  .brand<'RoomPattern'>();
export type RoomPattern = z.infer<typeof RoomPattern>;

export const matchesRoom = (pattern: RoomPattern, room: RoomName): boolean =>
  pattern.endsWith('*') ? room.startsWith(pattern.slice(0, -1)) : room === (pattern as string);
