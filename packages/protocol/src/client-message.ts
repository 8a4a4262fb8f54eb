import { z } from 'zod';
import { OnIceCandidate } from './messages/on-ice-candidate.js';
import { Presenter } from './messages/presenter.js';
import { Stop } from './messages/stop.js';
import { Viewer } from './messages/viewer.js';

/** Everything a client may send, told apart by `id`. */
export const ClientMessage = z.discriminatedUnion('id', [Presenter, Viewer, OnIceCandidate, Stop]);
export type ClientMessage = z.infer<typeof ClientMessage>;
export type ClientMessageId = ClientMessage['id'];

export const clientMessageIds: readonly string[] = ClientMessage.options.map(option => option.shape.id.value);
