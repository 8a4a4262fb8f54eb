import type { RoomName } from '@manycast/protocol';
import type { RoomEvent } from './event.js';

/** What the room scripts keep for receivers besides the room's events. */
export type OutboxNote =
  | 'presenter-joined'
  | 'media-moved'
  | 'viewer-joined'
  | 'viewer-left'
  | 'viewer-count';

/** As it stands in a room's outbox: the event's own fields beside these. */
export interface Told {
  type: RoomEvent['type'] | OutboxNote;
  generation: number;
  seq?: number;
  [field: string]: unknown;
}

interface Mapping {
  type: string;
  /** Fields that receivers are told; what is not named here stays inside. */
  data: readonly string[];
  /** It says how things are, not what happened: of several that wait in a row the last one is enough. */
  isLevel?: boolean;
}

const who = ['session', 'identity', 'name'] as const;

/** What happens inside → what receivers are told. An event that they should hear of is one more line. */
const mappings = {
  'presenter-joined': { type: 'presenter.joined', data: who },
  'presenter-live': { type: 'room.live', data: [] },
  'presenter-away': { type: 'room.interrupted', data: [] },
  'presenter-back': { type: 'room.resumed', data: [] },
  'media-moved': { type: 'media.moved', data: ['server', 'former'] },
  'presenter-left': { type: 'room.ended', data: [] },
  'viewer-joined': { type: 'viewer.joined', data: who },
  'viewer-left': { type: 'viewer.left', data: who },
  'viewer-count': { type: 'viewer.count', data: ['viewers'], isLevel: true },
} as const satisfies Partial<Record<Told['type'], Mapping>>;

const mappingOf = (type: string): Mapping | undefined => (mappings as Record<string, Mapping>)[type];

/** Every type that a receiver may ask for. */
export const webhookTypes: readonly string[] = Object.values(mappings).map(({ type }) => type);

/** A receiver's filter: a type, all types of a kind (`room.*`), or everything (`*`). */
export const matches = (pattern: string, type: string): boolean =>
  pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)));

/** What has to be kept for somebody with these filters, by the names it has inside. */
export const sourcesOf = (patterns: readonly string[]): string[] =>
  Object.entries(mappings)
    .filter(([, { type }]) => patterns.some(pattern => matches(pattern, type)))
    .map(([source]) => source);

/** The levels, by the names they have inside. */
export const isLevel = (source: string): boolean => mappingOf(source)?.isLevel ?? false;

/** The body of a request to a receiver. */
export interface WebhookEvent {
  /** Of this event for ever, at every attempt and every receiver: what a receiver knows it again by. */
  id: string;
  type: string;
  /** When it happened, by the store's clock. */
  at: string;
  room: RoomName;
  generation: number;
  /** Of the room's events as clients see them; null for what is not one of them. */
  seq: number | null;
  data: Record<string, unknown>;
}

/** Null for what receivers are not told of. */
export function webhookEvent(id: string, room: RoomName, atMs: number, told: Told): WebhookEvent | null {
  const mapping = mappingOf(told.type);
  if (!mapping) return null;
  const data = Object.fromEntries(mapping.data.map(field => [field, told[field] ?? null]));
  const { generation, seq = null } = told;
  return { id, type: mapping.type, at: new Date(atMs).toISOString(), room, generation, seq, data };
}
