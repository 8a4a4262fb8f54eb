import type { WebhookEvent } from '@manycast/core';
import type { Receiver } from './receiver.js';
import { signature } from './signature.js';

export interface PostResult {
  isDelivered: boolean;
  /** HTTP status; null when there was no answer. */
  status: number | null;
  /** Why it was not delivered. */
  reason: string | null;
  /** What the receiver asks for. */
  retryAfterMs: number | null;
  tookMs: number;
}

/** What is read of an answer, so that its connection can be used again. */
const answerBytes = 16_384;

/**
 * One request to a receiver; delivered is what was answered with 2xx in time. A redirection is not followed: where
 * requests go is the operator's to say, not the receiver's. Never rejects.
 */
export async function post(receiver: Receiver, event: WebhookEvent, attempt: number): Promise<PostResult> {
  const body = JSON.stringify(event);
  const startedAt = performance.now();
  const took = () => Math.round(performance.now() - startedAt);
  try {
    const response = await fetch(receiver.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'manycast-webhooks/1',
        'idempotency-key': event.id,
        'manycast-event': event.type,
        'manycast-attempt': String(attempt),
        'manycast-signature': signature(receiver.secrets, body, Date.now()),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(receiver.timeoutMs),
    });
    const { status, ok: isDelivered } = response;
    const tookMs = took();
    // What an answer says changes nothing, and that it breaks off does not either.
    await drain(response).catch(() => {});
    const retryAfterMs = isDelivered ? null : retryAfter(response.headers.get('retry-after'));
    const reason = isDelivered ? null : `status ${status}`;
    return { isDelivered, status, reason, retryAfterMs, tookMs };
  } catch (error) {
    return { isDelivered: false, status: null, reason: reasonOf(error), retryAfterMs: null, tookMs: took() };
  }
}

async function drain(response: Response): Promise<void> {
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > answerBytes) return;
  }
}

/** Seconds or a date. */
function retryAfter(value: string | null): number | null {
  if (value === null) return null;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { code, message } = (error.cause ?? error) as { code?: string; message?: string };
  return (code ?? message ?? error.message).slice(0, 200);
}
