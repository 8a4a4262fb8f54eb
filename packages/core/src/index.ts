export type { Attempt, JoinedMedia, Outcome } from './attempt.js';
export { Authorizer, type AuthorizerOptions, type EntryOrder } from './authorizer.js';
export { CandidateBuffer } from './candidate-buffer.js';
export type { Cluster, StoreLosses } from './cluster.js';
export { clusterSettings } from './cluster-settings.js';
export {
  type Audience,
  advanced,
  type ChatEntry,
  type ChatPosition,
  type ChatSettings,
  type ChatSummary,
  isLaterEpoch,
  type Moderation,
  type RoomCard,
  type Speaker,
  usualChat,
} from './domain/chat.js';
export type { RoomEvent } from './domain/event.js';
export { type Grants, moderates, openGrants, type TokenInUse } from './domain/grants.js';
export type {
  Drain,
  Health,
  Labels,
  MediaServerRecord,
  ServerLoad,
  ServerSource,
  ServerState,
} from './domain/media-server.js';
export { usualCapacity } from './domain/media-server.js';
export type { Promised } from './domain/reservation.js';
export type { FormerMedia, RoomMedia } from './domain/room.js';
export type { RoomOptions } from './domain/room-options.js';
export { searchWords } from './domain/search-words.js';
export { defaultHealthRules, type HealthRules } from './domain/server-health.js';
export {
  type Attachment,
  type GracePeriods,
  graceMsOf,
  type Role,
  type Session,
  type SessionMedia,
} from './domain/session.js';
export { firstSlots } from './domain/slots.js';
export { isExpired, isRevokedBy } from './domain/token-validity.js';
export { newTrace } from './domain/trace.js';
export {
  isLevel,
  matches,
  type OutboxNote,
  sourcesOf,
  type Told,
  type WebhookEvent,
  webhookEvent,
  webhookTypes,
} from './domain/webhook-event.js';
export {
  type Failpoint,
  noFailpoint,
  relocationSteps,
  type Step,
  steps,
  webhookSteps,
} from './failpoint.js';
export { detach, detachUncarried } from './handlers/detach.js';
export { closeRoom, type Expelling, expel } from './handlers/expel.js';
export { giveBack, leave } from './handlers/leave.js';
export { moderate } from './handlers/moderate.js';
export { presenter } from './handlers/presenter.js';
export { type ResumeOutcome, resume } from './handlers/resume.js';
export { usualSwitchover } from './handlers/switchover.js';
export { viewer } from './handlers/viewer.js';
export { listRoom } from './list-room.js';
export { MemoryDeadLetters } from './memory/memory-dead-letters.js';
export { MemoryDeliveryLog } from './memory/memory-delivery-log.js';
export { MemoryMediaEngine } from './memory/memory-media-engine.js';
export { MemoryMediaInspector } from './memory/memory-media-inspector.js';
export { MemoryNodeInbox } from './memory/memory-node-inbox.js';
export { MemoryNodeRegistry } from './memory/memory-node-registry.js';
export { MemoryPool } from './memory/memory-pool.js';
export { MemoryPoolStore } from './memory/memory-pool-store.js';
export { MemoryPresentingRooms } from './memory/memory-presenting-rooms.js';
export { MemoryRoomDirectory } from './memory/memory-room-directory.js';
export { MemoryRoomEvents } from './memory/memory-room-events.js';
export { MemoryRoomOptions } from './memory/memory-room-options.js';
export { MemoryRoomStore } from './memory/memory-room-store.js';
export { MemoryServerRegistry } from './memory/memory-server-registry.js';
export { MemorySessionJournal } from './memory/memory-session-journal.js';
export { MemoryTokenLedger } from './memory/memory-token-ledger.js';
export { MemoryWebhookOutbox } from './memory/memory-webhook-outbox.js';
export type {
  ChatPage,
  ChatReadOrder,
  ChatStore,
  ModerateResult,
  PresenceReport,
  RosterPage,
  SayResult,
} from './ports/chat-store.js';
export type { DeadLetter, DeadLetters } from './ports/dead-letters.js';
export type { Delivery, DeliveryLog } from './ports/delivery-log.js';
export type { Expiry, ExpiryQueue } from './ports/expiry-queue.js';
export type { JoinToken, JoinTokens } from './ports/join-tokens.js';
export type {
  EndpointEvent,
  EndpointRef,
  MediaEngine,
  PublishOrder,
  ViewOrder,
} from './ports/media-engine.js';
export type {
  EndpointFigures,
  EndpointStates,
  MediaInspector,
  ObjectTags,
  PipelineRef,
} from './ports/media-inspector.js';
export type { MediaProbe, ProbedServer } from './ports/media-probe.js';
export type { InboxMessage, NodeInbox } from './ports/node-inbox.js';
export type { NodeRegistry } from './ports/node-registry.js';
export type {
  LostRoom,
  PoolStore,
  RelocateResult,
  Reservation,
  ReserveResult,
} from './ports/pool-store.js';
export type { PresentingRooms } from './ports/presenting-rooms.js';
export type { Relocation, RelocationQueue } from './ports/relocation-queue.js';
export type { DirectoryEntry, DirectoryPage, RoomDirectory } from './ports/room-directory.js';
export type { RoomEvents, Subscription } from './ports/room-events.js';
export type { FeedListener, FeedSubscription, RoomFeed } from './ports/room-feed.js';
export type { RoomOptionsStore } from './ports/room-options-store.js';
export type {
  AttachResult,
  ClaimResult,
  DetachedSession,
  EventLog,
  GoLiveResult,
  JoinResult,
  LeaveResult,
  LoseResult,
  MoveStatus,
  RestoreStatus,
  RoomStore,
  RoomSummary,
  RoomView,
} from './ports/room-store.js';
export type {
  NewServer,
  Observed,
  PoolServer,
  ServerRegistry,
  ServerSighting,
  ServerStanding,
} from './ports/server-registry.js';
export type { JournalEntry, JournalEvent, SessionJournal } from './ports/session-journal.js';
export type { SharedRate } from './ports/shared-rate.js';
export type { StoreBirth } from './ports/store-birth.js';
export type { Revocable, Revocation, TokenLedger } from './ports/token-ledger.js';
export type { WebhookDemand } from './ports/webhook-demand.js';
export type { Lane, OutboxEntry, WebhookOutbox } from './ports/webhook-outbox.js';
export { PresenceHerald } from './presence-herald.js';
export { ResumeTokens, type TokenClaims } from './resume-token.js';
export { ServedRooms } from './served-rooms.js';
export { ServerWatch, type ServerWatchOptions } from './server-watch.js';
export { Undo, type UndoOptions } from './undo.js';
