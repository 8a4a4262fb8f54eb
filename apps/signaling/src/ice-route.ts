import { randomUUID } from 'node:crypto';
import type { Authorizer } from '@manycast/core';
import { defaultRoom, RoomName, SignalError } from '@manycast/protocol';
import type { RequestHandler } from 'express';
import type { IceServers } from './ice-servers.js';
import type { Limits } from './limits/limits.js';
import type { Origins } from './origins.js';

export interface IceRouteOptions {
  iceServers: IceServers;
  authorizer: Authorizer;
  brakes: Limits;
  origins: Origins;
}

/**
 * `GET /ice-servers?room=NAME`, for pages that know the tutorial's messages only: what `welcome` says to the others. A
 * TURN server relays for whoever has its credentials, so it is asked for what an offer for the room is asked for: a join
 * token, as `Authorization: Bearer`, but in open rooms.
 */
export const iceRoute =
  ({ iceServers, authorizer, brakes, origins }: IceRouteOptions): RequestHandler =>
  async (request, response) => {
    response.set({ ...origins.headers(request), 'cache-control': 'no-store' });
    if (request.method === 'OPTIONS') {
      response.set({ 'access-control-allow-headers': 'authorization', 'access-control-max-age': '600' });
      return void response.status(204).end();
    }
    try {
      const room = RoomName.safeParse(request.query.room ?? defaultRoom);
      if (!room.success) throw new SignalError('invalid-message', { field: 'room' });
      const hasty = brakes.refusalOfJoin(brakes.addressOf(request));
      if (hasty) throw hasty;
      const [, token] = /^Bearer +([^ ]+) *$/i.exec(request.headers.authorization ?? '') ?? [];
      await authorizer.mayConnect(room.data, token);
      response.json({ iceServers: iceServers.mint(`page-${randomUUID()}`), ttlMs: iceServers.ttlMs });
    } catch (thrown) {
      const { code, message, retryAfterMs } = SignalError.from(thrown);
      brakes.countRefusal(code);
      response.status(statusOf(code)).json({ code, message, ...(retryAfterMs && { retryAfterMs }) });
    }
  };

function statusOf(code: string): number {
  if (code === 'invalid-message') return 400;
  if (code === 'too-many-joins') return 429;
  if (code === 'token-missing') return 401;
  if (code === 'unavailable' || code === 'token-keys-unavailable') return 503;
  return code.startsWith('token-') ? 403 : 500;
}
