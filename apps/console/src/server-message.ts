import type { ServerMessage } from '@manycast/protocol';

/** One frame from the server, or `undefined` for anything this page does not know: a newer server may say more. */
export function readServerMessage(frame: unknown): ServerMessage | undefined {
  const message = parseObject(frame);
  switch (message?.id) {
    case 'presenterResponse':
    case 'viewerResponse':
      return readResponse(message.id, message);
    case 'iceCandidate':
      return readCandidate(message.candidate);
    case 'stopCommunication':
      return { id: 'stopCommunication' };
    case 'error':
      return { id: 'error', ...readRefusal(message) } as ServerMessage;
    default:
      return undefined;
  }
}

type Fields = Record<string, unknown>;

function readResponse(id: 'presenterResponse' | 'viewerResponse', message: Fields): ServerMessage {
  return message.response === 'accepted' && typeof message.sdpAnswer === 'string'
    ? { id, response: 'accepted', sdpAnswer: message.sdpAnswer }
    : { id, response: 'rejected', ...readRefusal(message) };
}

/** A server that knows no codes (the tutorial's own) still says why in `message`. */
function readRefusal(message: Fields): { code: string; message: string; retryAfterMs?: number } {
  return {
    code: typeof message.code === 'string' ? message.code : '',
    message: typeof message.message === 'string' ? message.message : '',
    ...(typeof message.retryAfterMs === 'number' && { retryAfterMs: message.retryAfterMs }),
  };
}

function readCandidate(value: unknown): ServerMessage | undefined {
  const fields = asFields(value);
  if (typeof fields?.candidate !== 'string') return undefined;
  return {
    id: 'iceCandidate',
    candidate: {
      candidate: fields.candidate,
      sdpMid: typeof fields.sdpMid === 'string' ? fields.sdpMid : null,
      sdpMLineIndex: typeof fields.sdpMLineIndex === 'number' ? fields.sdpMLineIndex : null,
    },
  };
}

function parseObject(frame: unknown): Fields | undefined {
  if (typeof frame !== 'string') return undefined;
  try {
    return asFields(JSON.parse(frame));
  } catch {
    return undefined;
  }
}

const asFields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null ? (value as Fields) : undefined;
