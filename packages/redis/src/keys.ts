import type { NodeId, RoomName, SessionId } from '@manycast/protocol';

/**
 * Every key and channel of the product: one function each. What belongs to one room shares a hash tag, so that a
 * script which touches a room stays in one slot of a Redis Cluster; the pool is another slot.
 */
export class Keys {
  /**
   * What receivers of webhooks want to hear of; nothing where nobody wants anything. It goes to every script of a room
   * beside the keys, so that no store can change a room and leave it out. Set by RedisWebhookDemand.
   */
  wanted: () => Record<string, true> | undefined = () => undefined;

  constructor(private readonly prefix: string) {}

  /** Hash, one per room. Written by the room scripts. Expires an hour after the broadcast ended. */
  room = (room: RoomName) => `${this.prefix}:{room:${room}}:state`;

  /** Hash: session id → JSON of a Session. Written by the room scripts; deleted with the broadcast. */
  sessions = (room: RoomName) => `${this.prefix}:{room:${room}}:sessions`;

  /** Stream of the room's last events, bounded. Written by the room scripts. Expires with the room. */
  eventLog = (room: RoomName) => `${this.prefix}:{room:${room}}:events`;

  /** Channel of the same events. */
  eventChannel = (room: RoomName) => `${this.prefix}:{room:${room}}:events`;

  /**
   * Prefix of the chat's keys. `:<opening>`: list of the entries, bounded; written by lib-chat.lua, expires with the
   * transcript. `:<opening>:ids`: hash, who said what by which request. `:openings`: sorted set of those that ended, by
   * the time at which. `:pace:<who>`: string, exists while slow mode holds somebody back.
   */
  chat = (room: RoomName) => `${this.prefix}:{room:${room}}:chat`;

  /** Hash: who is muted or banned. Written by moderate.lua; expires some time after the last act. */
  barred = (room: RoomName) => `${this.prefix}:{room:${room}}:barred`;

  /**
   * The directory, in one slot. `cards`: hash, room → JSON; `ranks`: sorted set, room → viewers; `words`: sorted set by
   * name; `gone`: sorted set, rooms that are over. Written by the scripts of the directory; an entry goes with its room.
   */
  directory = () => ({
    cards: `${this.prefix}:{directory}:cards`,
    ranks: `${this.prefix}:{directory}:ranks`,
    words: `${this.prefix}:{directory}:words`,
    gone: `${this.prefix}:{directory}:gone`,
  });

  /** String: JSON of a room's options. Written by the admin API; no expiry. */
  options = (room: RoomName) => `${this.prefix}:{room:${room}}:options`;

  /** Channel of the chat's entries and of presence: apart from the events, which media depends on. */
  feedChannel = (room: RoomName) => `${this.prefix}:{room:${room}}:feed`;

  /**
   * Stream of what the room's receivers of webhooks have not all been told. Written by the room scripts, trimmed by the
   * lane scripts; there only while something waits. Expires eight days after the last entry.
   */
  outbox = (room: RoomName) => `${this.prefix}:{room:${room}}:outbox`;

  /** Hash: receiver → how far it has been told. Written by the lane scripts; goes with the outbox. */
  lanes = (room: RoomName) => `${this.prefix}:{room:${room}}:lanes`;

  /** Matches every outbox. */
  anyOutbox = () => `${this.prefix}:{room:*}:outbox`;

  roomOfOutbox = (key: string): RoomName =>
    key.slice(`${this.prefix}:{room:`.length, -'}:outbox'.length) as RoomName;

  /** Channel of the rooms whose outbox has grown. */
  nudges = () => `${this.prefix}:webhooks:nudges`;

  /** Hash: receiver → JSON {sources, atMs}. Written by controllers, read by nodes. Expires after a day without any. */
  demand = () => `${this.prefix}:{webhooks}:demand`;

  /** Hash: event id → JSON of a DeadLetter. Written by controllers, bounded; expires 30 days after the last one. */
  deadLetters = (receiver: string) => `${this.prefix}:{webhooks}:dead:${receiver}`;

  /** Sorted set: event id → Unix ms at which it happened. With the letters. */
  deadLetterOrder = (receiver: string) => `${this.prefix}:{webhooks}:dead-order:${receiver}`;

  /** Stream of the last attempts, bounded. Written by controllers; expires 7 days after the last one. */
  deliveryLog = (receiver: string) => `${this.prefix}:{webhooks}:log:${receiver}`;

  /** String: which controller looks through all outboxes at present. Expires by itself. */
  sweeper = () => `${this.prefix}:{webhooks}:sweeper`;

  /** Channel of messages to one node; the node's id follows. Published by attach.lua and RedisNodeInbox. */
  inboxPrefix = () => `${this.prefix}:inbox:`;

  /** List of the last things that happened to a session, as JSON. Written by nodes; expires an hour after the last. */
  journal = (session: SessionId) => `${this.prefix}:journal:${session}`;

  /** Channel on which one process measures how long messages take; its name for itself follows. */
  probeChannel = (process: string) => `${this.prefix}:probe:${process}`;

  /** Sorted set: node → Unix ms at which its lease ends. Written by nodes; cleared by controllers. */
  leases = () => `${this.prefix}:{nodes}:leases`;

  /** Set of nodes that were taken for dead though they live. Written by controllers; a node takes itself out. */
  doubted = () => `${this.prefix}:{nodes}:doubted`;

  /** Hash: node → address where clients reach it. Written by nodes that have one; cleared by controllers. */
  addresses = () => `${this.prefix}:{nodes}:addresses`;

  /** Set of the rooms a node serves or served. Written by the node; cleared by controllers when its lease is over. */
  served = (node: NodeId) => `${this.prefix}:{nodes}:served:${node}`;

  /** String: names this filling of the Redis; gone when it lost its data. Written by whoever misses it. No expiry. */
  birth = () => `${this.prefix}:birth`;

  /** Hash: what is revoked (`token:ID` or `identity:NAME`) → JSON {atMs, untilMs}. Written by token-revoke.lua, which forgets what is over. */
  revoked = () => `${this.prefix}:{tokens}:revoked`;

  /** Sorted set of the same: → Unix ms at which it was revoked. Written by token-revoke.lua. */
  revokedAt = () => `${this.prefix}:{tokens}:revoked-at`;

  /** String: the session that showed a token for one time. Written by token-admit.lua; expires with the token. */
  usedToken = (token: string) => `${this.prefix}:{tokens}:used:${token}`;

  /** Sorted set: the rooms an identity presents in → Unix ms until which. Written by presenting-take.lua; expires. */
  presenting = (identity: string) => `${this.prefix}:{presenting:${identity}}`;

  /** What the counters of a rate put before their own keys; those expire with their windows. Written by RedisSharedRate. */
  ratePrefix = (what: string) => `${this.prefix}:rate:${what}`;

  /** What BullMQ puts before its own keys; in one slot. */
  jobsPrefix = () => `${this.prefix}:{jobs}`;

  /** Hash: media server's URL → JSON of the server (scripts/lib-pool.lua). Written by the pool and server scripts. No expiry. */
  servers = () => `${this.prefix}:{pool}:servers`;

  /** Hash: room → JSON of what it holds (scripts/lib-pool.lua). Written by the pool scripts; an entry goes with its broadcast. */
  reservations = () => `${this.prefix}:{pool}:reservations`;

  /** Sorted set: room → Unix ms at which its reservation expires unless kept. Written by the pool scripts. */
  unkept = () => `${this.prefix}:{pool}:unkept`;

  /** Sorted set: media server that takes new rooms → its load when it was last counted. Written by the pool and server scripts. */
  openServers = () => `${this.prefix}:{pool}:open`;

  /** The same of the servers with a label; `name=value` follows. */
  labelPrefix = () => `${this.prefix}:{pool}:open:`;

  /** Sorted set: room with a promise on a media server → its slots; the server's URL follows. Written by the pool and server scripts. */
  placedPrefix = () => `${this.prefix}:{pool}:placed:`;

  /** Sorted set: room whose media server was lost → slots it had. Written by the server scripts; an entry goes when the room has another place. */
  lostRooms = () => `${this.prefix}:{pool}:lost`;

  /** Hash: sums and counters of the pool (scripts/lib-pool.lua). No expiry. */
  poolTotals = () => `${this.prefix}:{pool}:totals`;

  /** Sorted set: who watches media servers → Unix ms until which it can speak. Written by servers-observe.lua; old entries go. */
  observers = () => `${this.prefix}:{pool}:observers`;

  /** Hash: observer → JSON of how it finds a media server; the server's URL follows. Written by servers-observe.lua; goes with the server. */
  sightingPrefix = () => `${this.prefix}:{pool}:sightings:`;

  /** Set of media servers that time alone may change. Written by the server scripts. */
  unsettled = () => `${this.prefix}:{pool}:unsettled`;

  /** Set of media servers that an operator removed. Written by the server scripts. */
  removedServers = () => `${this.prefix}:{pool}:removed`;

  /** Channel that is told when media servers have changed. */
  serverChanges = () => `${this.prefix}:{pool}:changes`;
}
