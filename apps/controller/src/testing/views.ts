import { openGrants, type RoomView, type Session } from '@manycast/core';
import {
  asEndpointId,
  asMediaServerUrl,
  asNodeId,
  asPipelineId,
  asSessionId,
  RoomName,
} from '@manycast/protocol';

export const room = RoomName.parse('room');
export const server = asMediaServerUrl('ws://media-1/kurento');
export const pipeline = asPipelineId('p1');
export const presenter = asSessionId('presenter');
export const viewer = asSessionId('viewer');
export const node = asNodeId('node-1');
export const endpointOf = (session: string) => asEndpointId(`p1/${session}`);

export const sessionOf = (id: string, as: Partial<Session> = {}): Session => ({
  role: id === presenter ? 'presenter' : 'viewer',
  speech: 'manycast.v1',
  grants: openGrants,
  node,
  epoch: 1,
  media: { generation: 2, server, pipeline, endpoint: endpointOf(id) },
  detachedAtMs: null,
  ...as,
});

/** A live room with a presenter and a viewer, both well. */
export const liveView = (
  as: Partial<RoomView> = {},
  sessions: Record<string, Partial<Session>> = {},
): RoomView => ({
  state: 'live',
  generation: 2,
  seq: 3,
  presenter,
  media: { server, pipeline },
  former: null,
  slots: 4,
  sessions: new Map([presenter, viewer].map(id => [id, sessionOf(id, sessions[id as string])] as const)),
  ...as,
});

export const endedView: RoomView = {
  state: 'ended',
  generation: 2,
  seq: 4,
  presenter: null,
  media: null,
  former: null,
  slots: 0,
  sessions: new Map(),
};
