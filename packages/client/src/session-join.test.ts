import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from './connect.js';
import { SessionError } from './session-error.js';
import { Client } from './testing/client.js';
import { FakeServer } from './testing/fake-server.js';

let server: FakeServer;
beforeEach(async () => {
  server = await FakeServer.start();
});
afterEach(() => server.kill());

describe('joining', () => {
  it('sends the viewer’s offer after the welcome, with room, token and the server’s ICE servers', async () => {
    server.welcome = { iceServers: [{ urls: ['turn:turn.example'], username: 'u', credential: 'c' }] };
    const client = new Client([server], { role: 'viewer', room: 'stage', token: 'ticket' });
    const socket = await server.accepts();
    expect(await socket.receives('viewer')).toEqual({
      id: 'viewer',
      sdpOffer: 'offer-1',
      room: 'stage',
      token: 'ticket',
    });
    expect(client.peer.config.iceServers).toEqual(server.welcome.iceServers);
    expect(client.peer.transceivers.map(({ direction }) => direction)).toEqual(['recvonly', 'recvonly']);
    expect(client.session.state).toBe('connecting');
    client.accept(socket, 'viewer');
    await client.tells('accepted');
    client.peer.becomes('connected');
    expect(client.session.state).toBe('connected');
    expect(client.tellings('track').map(({ track }) => track.kind)).toEqual(['audio', 'video']);
    expect(client.session.id).toBe('session-node-a-1');
    await client.session.leave();
    expect(client.peer.isClosed).toBe(true);
  });

  it('offers both kinds for a presenter, whatever the stream has', async () => {
    const client = new Client([server], { role: 'presenter' });
    await client.joins(await server.accepts(), 'presenter');
    expect(client.peer.transceivers).toEqual([
      { kind: 'audio', direction: 'sendonly' },
      { kind: 'video', direction: 'sendonly' },
    ]);
    await client.session.leave();
  });

  it('sends candidates after the offer, and uses the server’s only after the answer', async () => {
    const client = new Client([server], { role: 'viewer' });
    const socket = await server.accepts();
    await socket.receives('viewer');
    client.peer.gather('own');
    expect((await socket.receives('onIceCandidate')).candidate.candidate).toBe('own');
    expect(socket.seen.map(({ id }) => id)).toEqual(['viewer', 'onIceCandidate']);
    socket.send({ id: 'iceCandidate', candidate: { candidate: 'early', sdpMid: '0', sdpMLineIndex: 0 } });
    client.accept(socket, 'viewer');
    await expect.poll(() => client.peer.remoteCandidates).toEqual(['early']);
    await client.session.leave();
  });

  it('tells the server that it leaves, and nothing follows', async () => {
    const client = new Client([server], { role: 'viewer' });
    const socket = await server.accepts();
    await client.joins(socket, 'viewer');
    const left = client.session.leave();
    expect(client.session.state).toBe('ended');
    await left;
    await socket.receives('leave');
    expect(client.tellings('ended')).toEqual([{ reason: 'left' }]);
    await client.session.leave();
    expect(client.tellings('ended')).toHaveLength(1);
  });

  it('says why it was refused, and when to try again', async () => {
    const client = new Client([server], { role: 'viewer' });
    const socket = await server.accepts();
    await socket.receives('viewer');
    socket.send({
      id: 'viewerResponse',
      response: 'rejected',
      message: 'full',
      code: 'pool-full',
      retryAfterMs: 900,
    });
    await client.reaches('ended');
    const [{ reason, error } = {}] = client.tellings('ended');
    expect(reason).toBe('failed');
    expect(error).toBeInstanceOf(SessionError);
    expect(error).toMatchObject({ code: 'pool-full', retryAfterMs: 900, isRetryable: true, message: 'full' });
    await socket.closed;
    expect(socket.seen.map(({ id }) => id)).toEqual(['viewer']);
  });

  it('tries again where it was told to, but not what can never succeed', async () => {
    const client = new Client([server], { role: 'viewer', joinAttempts: 3 });
    const socket = await server.accepts();
    await socket.receives('viewer');
    socket.send({ id: 'viewerResponse', response: 'rejected', message: '', code: 'unavailable' });
    await socket.receives('viewer');
    expect(client.tellings('error').map(({ code }) => code)).toEqual(['unavailable']);
    expect(client.peers[0]?.isClosed).toBe(true);
    socket.send({ id: 'viewerResponse', response: 'rejected', message: '', code: 'bad-sdp' });
    await client.reaches('ended');
    expect(client.tellings('ended')[0]?.error?.code).toBe('bad-sdp');
  });

  it('takes an error that answers the offer for a refusal, and one about a candidate for a remark', async () => {
    const client = new Client([server], { role: 'viewer' });
    const socket = await server.accepts();
    await socket.receives('viewer');
    socket.send({ id: 'error', code: 'invalid-message', message: 'bad', field: 'candidate.sdpMid' });
    socket.send({ id: 'error', code: 'too-many-candidates', message: 'many' });
    await client.tells('error', 2);
    expect(client.session.state).toBe('connecting');
    socket.send({ id: 'error', code: 'too-large', message: 'sdpOffer: too long', field: 'sdpOffer' });
    await client.reaches('ended');
    expect(client.tellings('ended')[0]?.error?.code).toBe('too-large');
  });

  it('ends when ICE finds no way, or the answer cannot be used', async () => {
    const one = new Client([server], { role: 'viewer' });
    const first = await server.accepts();
    await first.receives('viewer');
    one.accept(first, 'viewer');
    await one.tells('accepted');
    one.peer.becomes('failed');
    await one.reaches('ended');
    expect(one.tellings('ended')[0]?.error?.code).toBe('ice-failed');

    const other = new Client([server], { role: 'viewer' });
    const second = await server.accepts();
    await second.receives('viewer');
    second.send({ id: 'viewerResponse', response: 'accepted', sdpAnswer: 'nonsense' });
    await other.reaches('ended');
    expect(other.tellings('ended')[0]?.error?.code).toBe('bad-answer');
  });

  it('leaves when its signal is aborted', async () => {
    const controller = new AbortController();
    const client = new Client([server], { role: 'viewer', signal: controller.signal });
    const socket = await server.accepts();
    await client.joins(socket, 'viewer');
    controller.abort();
    expect(client.session.state).toBe('ended');
    await socket.receives('leave');
  });

  it('throws at an address that is none', () => {
    expect(() => new Client([], { role: 'viewer', url: 'nowhere' })).toThrow(
      expect.objectContaining({ code: 'bad-address' }),
    );
  });
});

describe('connect()', () => {
  const options = (client: Partial<Parameters<typeof connect>[0]>) =>
    ({ ...Client.options([server]), role: 'viewer', ...client }) as Parameters<typeof connect>[0];

  it('rejects with the server’s refusal', async () => {
    const connecting = connect(options({}));
    const socket = await server.accepts();
    await socket.receives('viewer');
    socket.send({ id: 'viewerResponse', response: 'rejected', message: '', code: 'no-presenter' });
    await expect(connecting).rejects.toMatchObject({ name: 'SessionError', code: 'no-presenter' });
  });

  it('resolves with a viewer that waits', async () => {
    const connecting = connect(options({ waitForPresenter: true }));
    const socket = await server.accepts();
    await socket.receives('viewer');
    socket.send({ id: 'viewerResponse', response: 'rejected', message: '', code: 'no-presenter' });
    const session = await connecting;
    expect(session.state).toBe('waiting');
    await session.leave();
  });

  it('rejects with the reason of its signal', async () => {
    const reason = new Error('the visitor went on');
    const controller = new AbortController();
    const connecting = connect(options({ signal: controller.signal }));
    await server.accepts();
    controller.abort(reason);
    await expect(connecting).rejects.toBe(reason);
  });
});
