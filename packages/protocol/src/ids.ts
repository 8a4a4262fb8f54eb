import { z } from 'zod';

// Branded so that a room's name can never be passed where a session's id is meant.

/** A room's name as the application chose it: 1-64 characters of `A-Z a-z 0-9 . _ -`, so it is safe in keys, logs and URLs. */
export const RoomName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'must be 1-64 characters of A-Z a-z 0-9 . _ -, starting with a letter or digit',
  )
  .brand<'RoomName'>();
export type RoomName = z.infer<typeof RoomName>;

/** The room of a client that names none: an unmodified tutorial page. */
export const defaultRoom = RoomName.parse('default');

/** One participant in one room; outlives sockets and nodes. */
export type SessionId = string & z.BRAND<'SessionId'>;
/** One process of `apps/signaling`. */
export type NodeId = string & z.BRAND<'NodeId'>;
/** A MediaPipeline's id as the media server gave it. */
export type PipelineId = string & z.BRAND<'PipelineId'>;
/** A WebRtcEndpoint's id as the media server gave it. */
export type EndpointId = string & z.BRAND<'EndpointId'>;
/** Address of a media server's JSON-RPC WebSocket, such as `ws://kms-0:8888/kurento`. */
export type MediaServerUrl = string & z.BRAND<'MediaServerUrl'>;

export const asSessionId = (id: string) => id as SessionId;
export const asNodeId = (id: string) => id as NodeId;
export const asPipelineId = (id: string) => id as PipelineId;
export const asEndpointId = (id: string) => id as EndpointId;
export const asMediaServerUrl = (url: string) => url as MediaServerUrl;
