import { describe, expect, it } from 'vitest';
import { inSeconds, sign } from '../../apps/signaling/src/join-tokens/testing/issuer.js';
import { openStores } from '../support/cluster-stores.js';
import { Stage } from '../support/stage.js';

const secret = 'a secret of an application, for tests only';
const issue = (claims: object) => sign(claims, { alg: 'HS256' }, new TextEncoder().encode(secret));

describe('a cluster that asks for join tokens', () => {
  const stage = new Stage({
    nodes: 2,
    env: {
      MANYCAST_OPEN: 'false',
      MANYCAST_JOIN_SECRET: secret,
      MANYCAST_OPEN_ROOMS: 'lobby-*',
      MANYCAST_TURN_URLS: 'turn:turn.example:3478',
      MANYCAST_TURN_SECRET: 'what coturn and the nodes know',
    },
  });
  const offer = (role: 'presenter' | 'viewer', room: string, token?: string) => ({
    id: role,
    sdpOffer: stage.offers[role],
    room,
    ...(token !== undefined && { token }),
  });

  it('tutorial pages are rejected as their tutorial does it, but for rooms that are open by name', async () => {
    const page = await stage.wire(0);
    expect(await page.ask(offer('presenter', 'stage'), 'presenterResponse')).toEqual({
      id: 'presenterResponse',
      response: 'rejected',
      message: 'this room asks for a join token',
      code: 'token-missing',
    });
    expect(await page.ask(offer('presenter', 'lobby-1'), 'presenterResponse')).toMatchObject({
      response: 'accepted',
    });
    await (await stage.wire(1)).ask(offer('viewer', 'lobby-1'), 'viewerResponse');
  });

  it('credentials of TURN servers are for who could come in', async () => {
    const ask = async (room: string, token?: string) => {
      const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const response = await fetch(`${stage.node(0).httpUrl}/ice-servers?room=${room}`, { headers });
      return { status: response.status, ...((await response.json()) as Record<string, unknown>) };
    };
    expect(await ask('stage')).toMatchObject({ status: 401, code: 'token-missing' });
    expect(await ask('stage', await issue({ room: 'other' }))).toMatchObject({
      status: 403,
      code: 'token-room',
    });
    expect(await ask('.')).toMatchObject({ status: 400 });
    expect(await ask('lobby-1')).toMatchObject({ status: 200 });
    expect(await ask('stage', await issue({ room: 'stage' }))).toMatchObject({
      status: 200,
      iceServers: [{ urls: ['turn:turn.example:3478'] }],
    });
  });

  it('a token lets in on every node, what it says stands in the room, and one for one time is used up', async () => {
    const presenter = await stage.wire(0);
    const stores = await openStores(stage.cluster.redis.url);
    const token = await issue({ room: 'stage', roles: ['presenter'], sub: 'ada', name: 'Ada' });
    await presenter.ask(offer('presenter', 'stage', token), 'presenterResponse');
    const { sessions } = await stores.rooms.read('stage' as never);
    stores.close();
    expect([...sessions.values()][0]?.grants).toMatchObject({ identity: 'ada', name: 'Ada', mayView: false });
    const ticket = await issue({ room: 'stage', once: true, jti: 'ticket-1' });
    const [first, second] = [await stage.wire(0), await stage.wire(1)];
    expect(await first.ask(offer('viewer', 'stage', ticket), 'viewerResponse')).toMatchObject({
      response: 'accepted',
    });
    expect(await second.ask(offer('viewer', 'stage', ticket), 'viewerResponse')).toMatchObject({
      code: 'token-used',
    });
    expect(await second.ask(offer('viewer', 'stage', `${ticket}x`), 'viewerResponse')).toMatchObject({
      code: 'token-signature',
    });
  });

  it('a session ends on its node when its token expires, and the presenter’s ends the room', async () => {
    const presenter = await stage.wire(0);
    const viewer = await stage.wire(1);
    // The clocks may differ by five seconds, which a token is therefore good longer.
    const token = await issue({ room: 'short', roles: ['presenter'], exp: inSeconds(-2) });
    await presenter.ask(offer('presenter', 'short', token), 'presenterResponse');
    await viewer.ask(offer('viewer', 'short', await issue({ room: 'sho*' })), 'viewerResponse');
    await viewer.next('stopCommunication', 20_000);
    expect(await presenter.closed).toMatchObject({ code: 4510 });
    await stage.untilFigures({ sessions: 0, pipelines: 0 });
  });
});
