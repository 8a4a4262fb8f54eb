import type { z } from 'zod';
import { ClientMessage, clientMessageIds, type Speech } from './client-message.js';
import { ClientId } from './messages/chat.js';
import { SignalError } from './signal-error.js';

/**
 * One text frame → one message. Throws SignalError `invalid-json`, `unknown-message`, `too-large` or
 * `invalid-message`; the last two name the field and the limit.
 */
export function decodeClientMessage(frame: string, speech: Speech): ClientMessage {
  const value = parseJson(frame);
  const id = typeof value === 'object' && value !== null ? (value as { id?: unknown }).id : undefined;
  if (typeof id !== 'string') {
    throw new SignalError('invalid-message', { field: 'id', message: 'id: must be a string' });
  }
  if (!clientMessageIds[speech].includes(id)) {
    throw new SignalError('unknown-message', {
      field: 'id',
      message: `id: no message "${id.slice(0, 64)}" exists`,
    });
  }
  const result = ClientMessage.safeParse(value);
  if (!result.success) throw fieldError(result.error.issues[0], clientIdOf(value));
  return result.data;
}

function parseJson(frame: string): unknown {
  try {
    return JSON.parse(frame);
  } catch {
    throw new SignalError('invalid-json');
  }
}

/** A refusal says which request it is about. */
function clientIdOf(value: unknown): string | undefined {
  return ClientId.safeParse((value as { clientId?: unknown }).clientId).data;
}

function fieldError(issue: z.core.$ZodIssue | undefined, clientId: string | undefined): SignalError {
  const field = issue?.path.join('.') || 'message';
  const isTooLarge = issue?.code === 'too_big' && issue.origin === 'string';
  const problem = isTooLarge ? `at most ${issue.maximum} characters` : (issue?.message ?? 'is invalid');
  return new SignalError(isTooLarge ? 'too-large' : 'invalid-message', {
    field,
    message: `${field}: ${problem}`,
    ...(clientId && { clientId }),
  });
}
