import { createLogger } from '@manycast/runtime';
import type { Json, JsonObject } from '../json.js';
import { MediaServer } from '../media-server.js';
import { Dispatcher } from '../rpc/dispatcher.js';
import { ReplyCache } from '../rpc/reply-cache.js';
import { FakeMediaPlane } from './fake-media-plane.js';
import type { Reply } from './rpc-client.js';

/** A dispatcher with everything behind it but media, and no socket in front. */
export function dispatching(checkResources: () => void = () => {}) {
  const log = createLogger({ name: 'test', level: 'silent' });
  const plane = new FakeMediaPlane();
  const sent: { session: string; text: string }[] = [];
  const server = new MediaServer({
    plane,
    log,
    send: (session, text) => sent.push({ session, text }),
    checkResources,
  });
  const dispatcher = new Dispatcher({ server, cache: new ReplyCache<JsonObject>(), log });
  const { signal } = new AbortController();
  let nextId = 0;

  const handle = async (message: Json) => (await dispatcher.handle(message, signal)) as Reply | undefined;
  /** A request of the session `s`. */
  const request = async (method: string, params: JsonObject = {}, id: Json = `request-${nextId++}`) => {
    const reply = await handle({ jsonrpc: '2.0', id, method, params: { sessionId: 's', ...params } });
    if (!reply) throw new Error('no reply');
    return reply;
  };
  const create = async (type: string, constructorParams: JsonObject = {}): Promise<string> =>
    (await request('create', { type, constructorParams })).result.value;
  const invoke = (object: string, operation: string, operationParams: JsonObject = {}) =>
    request('invoke', { object, operation, operationParams });
  return { plane, server, sent, handle, request, create, invoke };
}
