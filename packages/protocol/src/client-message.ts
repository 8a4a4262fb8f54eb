import { z } from 'zod';
import { Authorize } from './messages/authorize.js';
import { Chat } from './messages/chat.js';
import { ChatHistory } from './messages/chat-history.js';
import { Leave } from './messages/leave.js';
import { Moderate } from './messages/moderate.js';
import { OnIceCandidate } from './messages/on-ice-candidate.js';
import { Ping } from './messages/ping.js';
import { Presenter } from './messages/presenter.js';
import { Resume } from './messages/resume.js';
import { Roster } from './messages/roster.js';
import { Stop } from './messages/stop.js';
import { Viewer } from './messages/viewer.js';

/** What the tutorials' pages send. */
const TutorialMessage = z.discriminatedUnion('id', [Presenter, Viewer, OnIceCandidate, Stop]);

/** Everything a client may send, told apart by `id`: a tutorial page only the first four. */
export const ClientMessage = z.discriminatedUnion('id', [
  ...TutorialMessage.options,
  Resume,
  Leave,
  Ping,
  Authorize,
  Chat,
  ChatHistory,
  Moderate,
  Roster,
]);
export type ClientMessage = z.infer<typeof ClientMessage>;
export type ClientMessageId = ClientMessage['id'];

/** What a client speaks: a tutorial's page, or `manycast.v1`. */
export type Speech = 'tutorial' | 'manycast.v1';

export const clientMessageIds: Record<Speech, readonly string[]> = {
  tutorial: TutorialMessage.options.map(option => option.shape.id.value),
  'manycast.v1': ClientMessage.options.map(option => option.shape.id.value),
};
