import type { ServerMessage } from '@manycast/protocol';

type Fields = Record<string, unknown>;

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';
const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isResponse = (message: Fields) =>
  message.response === 'accepted' ? isText(message.sdpAnswer) : isText(message.code);
const isChange = (message: unknown) =>
  isObject(message) && isText(message.type) && isNumber(message.seq) && isNumber(message.generation);

/** What has to be there before a message is acted on. A message that is missing here is from a newer server. */
const isWellFormed: Record<ServerMessage['id'], (message: Fields) => boolean> = {
  welcome: message => isText(message.resumeToken) && Number(message.heartbeatMs) > 0,
  resumed: message =>
    isText(message.resumeToken) &&
    isObject(message.room) &&
    Array.isArray(message.events) &&
    message.events.every(isChange),
  resumeRejected: message => isText(message.code),
  presenterResponse: isResponse,
  viewerResponse: isResponse,
  iceCandidate: message => isObject(message.candidate) && isText(message.candidate.candidate),
  room: isChange,
  gap: message => isNumber(message.seq),
  renegotiate: message => isNumber(message.generation),
  goaway: message => isNumber(message.afterMs),
  stopCommunication: () => true,
  chat: message => isText(message.type) && isText(message.epoch) && isNumber(message.offset),
  chatState: message => isText(message.epoch) && isNumber(message.offset),
  chatAccepted: message => isText(message.clientId),
  chatHistory: message =>
    isText(message.clientId) && isNumber(message.first) && Array.isArray(message.entries),
  moderated: message => isText(message.clientId),
  roster: message => isText(message.clientId) && Array.isArray(message.members),
  presence: message => isNumber(message.viewers),
  error: message => isText(message.code),
  authorized: () => true,
  iceServers: message => Array.isArray(message.iceServers),
  tokenExpiring: () => true,
  pong: () => true,
};

/** One frame from the server, or `undefined` for anything this version does not know: a newer server may say more. */
export function readServerMessage(frame: unknown): ServerMessage | undefined {
  if (typeof frame !== 'string') return undefined;
  let message: unknown;
  try {
    message = JSON.parse(frame);
  } catch {
    return undefined;
  }
  if (!isObject(message) || typeof message.id !== 'string' || !Object.hasOwn(isWellFormed, message.id)) {
    return undefined;
  }
  return isWellFormed[message.id as ServerMessage['id']](message)
    ? (message as unknown as ServerMessage)
    : undefined;
}
