import { closeCodes } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { handshake, rawStatus, sendRaw } from '../support/raw-http.js';
import { Stage } from '../support/stage.js';
import type { WireClient } from '../support/wire-client.js';

const line = 'candidate:1 1 UDP 2122252543 127.0.0.1 9 typ host';
const candidate = { candidate: line, sdpMid: '0', sdpMLineIndex: 0 };
const closeOf = (reason: keyof typeof closeCodes) => ({ code: closeCodes[reason].code });

describe.each([{ nodes: 1 }, { nodes: 3 }])('bad input on $nodes node(s)', ({ nodes }) => {
  const stage = new Stage({ nodes });

  it.each([
    ['malformed JSON', '{"id":', 'invalid-json', undefined],
    ['an empty frame', '', 'invalid-json', undefined],
    ['null', 'null', 'invalid-message', 'id'],
    ['an array', '[]', 'invalid-message', 'id'],
    ['very deep nesting', '['.repeat(30_000) + ']'.repeat(30_000), 'invalid-message', 'id'],
    ['no id', '{}', 'invalid-message', 'id'],
    ['an id that is no text', '{"id":7}', 'invalid-message', 'id'],
    ['an unknown id', '{"id":"play"}', 'unknown-message', 'id'],
    ['the name of an object’s own method', '{"id":"constructor"}', 'unknown-message', 'id'],
    ['a message that only servers send', '{"id":"stopCommunication"}', 'unknown-message', 'id'],
    ['an offer without SDP', '{"id":"presenter"}', 'invalid-message', 'sdpOffer'],
    ['an offer with an SDP object', '{"id":"viewer","sdpOffer":{}}', 'invalid-message', 'sdpOffer'],
    ['an empty SDP', '{"id":"viewer","sdpOffer":""}', 'invalid-message', 'sdpOffer'],
    ['a room that is no text', '{"id":"viewer","sdpOffer":"v","room":7}', 'invalid-message', 'room'],
    ['a room outside its alphabet', '{"id":"viewer","sdpOffer":"v","room":"a:b"}', 'invalid-message', 'room'],
    [
      'a room with a name too long',
      `{"id":"viewer","sdpOffer":"v","room":"${'r'.repeat(65)}"}`,
      'invalid-message',
      'room',
    ],
    ['no candidate', '{"id":"onIceCandidate"}', 'invalid-message', 'candidate'],
    ['a null candidate', '{"id":"onIceCandidate","candidate":null}', 'invalid-message', 'candidate'],
    [
      'a candidate with a wrong field',
      '{"id":"onIceCandidate","candidate":{"candidate":"c","sdpMLineIndex":"0"}}',
      'invalid-message',
      'candidate.sdpMLineIndex',
    ],
    [
      'a candidate too long',
      `{"id":"onIceCandidate","candidate":{"candidate":"${'c'.repeat(1_025)}"}}`,
      'too-large',
      'candidate.candidate',
    ],
    ['an SDP too long', `{"id":"presenter","sdpOffer":"${'v'.repeat(32_769)}"}`, 'too-large', 'sdpOffer'],
  ])(
    '%s: an error with its code and field, and the broadcast of that socket goes on',
    async (_, frame, code, field) => {
      const room = stage.newRoom();
      const client = await stage.wire(1);
      const offer = { id: 'presenter', sdpOffer: stage.offers.presenter, room };
      await client.ask(offer, 'presenterResponse');
      client.sendFrame(frame);
      const error = await client.next('error');
      expect(error).toMatchObject({ id: 'error', code, message: expect.any(String) });
      expect(error.field).toBe(field);
      if (code === 'too-large') expect(error.message).toMatch(/at most (32768|1024) characters/);
      await stage.untilFigures({ sessions: 1, pipelines: 1 });
    },
  );

  it('a binary frame: an error', async () => {
    const client = await stage.wire(1);
    client.sendFrame(Buffer.from('{"id":"stop"}'));
    expect(await client.next('error')).toMatchObject({ code: 'binary-frame' });
  });

  it.each([
    ['a frame over the limit', (client: WireClient) => client.sendFrame('x'.repeat(65_537)), 1009],
    ['a frame far over the limit', (client: WireClient) => client.sendFrame(Buffer.alloc(8 << 20)), 1009],
    [
      'text that is not UTF-8',
      (client: WireClient) => client.ws.send(Buffer.from([0xff, 0xfe]), { binary: false }),
      1007,
    ],
  ])('%s: the socket is closed, its room is free', async (_, send, code) => {
    const room = stage.newRoom();
    const client = await stage.wire(1);
    const offer = { id: 'presenter', sdpOffer: stage.offers.presenter, room };
    await client.ask(offer, 'presenterResponse');
    send(client);
    expect(await client.closed).toMatchObject({ code });
    await stage.untilFigures({ sessions: 0, pipelines: 0 });
    const next = await stage.wire(0);
    expect(await next.ask(offer, 'presenterResponse')).toMatchObject({ response: 'accepted' });
  });

  it.each([
    ['a word', 'garbage'],
    ['a reference into the transaction', 'newref:0'],
    ['32,768 characters', 'v'.repeat(32_768)],
    ['control characters', '\u0000\u0001\ufffd\n\n'],
    ['JSON', '{"type":"offer","sdp":"v=0"}'],
  ])('an offer that is %s: both roles are rejected, the room is free', async (_, sdpOffer) => {
    const room = stage.newRoom();
    const client = await stage.wire(1);
    const rejected = { response: 'rejected', code: 'bad-sdp', message: expect.any(String) };
    expect(await client.ask({ id: 'presenter', sdpOffer, room }, 'presenterResponse')).toMatchObject(
      rejected,
    );
    const presenter = await stage.wire(0);
    const good = { id: 'presenter', sdpOffer: stage.offers.presenter, room };
    expect(await presenter.ask(good, 'presenterResponse')).toMatchObject({ response: 'accepted' });
    expect(await client.ask({ id: 'viewer', sdpOffer, room }, 'viewerResponse')).toMatchObject(rejected);
    await stage.untilFigures({ sessions: 1, pipelines: 1, endpoints: 1 });
  });

  it('garbage candidates: the broadcast goes on', async () => {
    const room = stage.newRoom();
    const presenter = await stage.presenter(0, room);
    for (const text of ['garbage', '', 'candidate:', 'candidate:1 1 UDP x y z typ host', '\u0000'])
      presenter.wire.send({ id: 'onIceCandidate', candidate: { ...candidate, candidate: text } });
    presenter.wire.send({
      id: 'onIceCandidate',
      candidate: { ...candidate, sdpMid: 'none', sdpMLineIndex: 64 },
    });
    const viewer = await stage.viewer(1, room);
    await viewer.untilSeen();
  });

  it('ten thousand candidates: errors that name the limit, then the close; the room is free', async () => {
    const room = stage.newRoom();
    const client = await stage.wire(0);
    const offer = { id: 'presenter', sdpOffer: stage.offers.presenter, room };
    await client.ask(offer, 'presenterResponse');
    const viewer = await stage.wire(1);
    await viewer.ask({ id: 'viewer', sdpOffer: stage.offers.viewer, room }, 'viewerResponse');
    for (let index = 0; index < 10_000; index += 1) client.send({ id: 'onIceCandidate', candidate });
    expect(await client.closed).toMatchObject(closeOf('too-many-errors'));
    const [first] = client.all('error').filter(({ code }) => code === 'too-many-candidates');
    expect(first).toMatchObject({ field: 'candidate', message: 'candidate: at most 256 for one attempt' });
    expect(client.all('error').length).toBeLessThanOrEqual(100 + 256);
    await viewer.next('stopCommunication');
    await stage.untilFigures({ sessions: 0, pipelines: 0 });
  });

  it('more than a hundred invalid messages: closed with 4500', async () => {
    const client = await stage.wire(1);
    for (let index = 0; index < 150; index += 1) client.sendFrame('{bad');
    expect(await client.closed).toEqual({
      code: 4500,
      reason: closeCodes['too-many-errors'].meaning,
    });
    expect(client.all('error')).toHaveLength(100);
  });

  it('messages out of order: harmless', async () => {
    const room = stage.newRoom();
    const client = await stage.wire(1);
    client.send({ id: 'stop' });
    client.send({ id: 'onIceCandidate', candidate });
    client.send({ id: 'stop' });
    client.send({ id: 'viewer', sdpOffer: stage.offers.viewer, room });
    client.send({ id: 'stop' });
    client.send({ id: 'onIceCandidate', candidate });
    client.send({ id: 'presenter', sdpOffer: stage.offers.presenter, room });
    expect(await client.next('presenterResponse')).toMatchObject({ response: 'accepted' });
    await stage.untilFigures({ sessions: 1, pipelines: 1, endpoints: 1 });
    await client.barrier();
    expect(client.all('viewerResponse')).toEqual([]);
  });

  it('the offer of the wrong kind (a viewer’s for a presenter): answered, and nothing is left of it', async () => {
    const room = stage.newRoom();
    const client = await stage.wire(1);
    await client.ask({ id: 'presenter', sdpOffer: stage.offers.viewer, room }, 'presenterResponse');
    await client.close();
  });

  it.each([
    ['a wrong path', handshake('/other'), 404],
    ['a path that only begins right', handshake('/one2many/x'), 404],
    ['no path', handshake('//'), 404],
    ['a path that is no URL', handshake('//[:'), 404],
    ['a name of an object’s own', handshake('/constructor'), 404],
    ['no key', handshake('/one2many', { 'Sec-WebSocket-Key': 'x' }), 400],
    ['another version', handshake('/call', { 'Sec-WebSocket-Version': '9' }), 400],
    ['another protocol', handshake('/call', { Upgrade: 'h2c' }), 400],
    ['no HTTP', '\u0016\u0003\u0001 garbage\r\n\r\n', 400],
    ['a path that cannot be decoded', 'GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n', 404],
  ])('a handshake with %s: refused', async (_, text, status) => {
    expect(await rawStatus(stage.node(1).port, text)).toBe(status);
  });

  it('a query after the path is taken as a page’s own', async () => {
    const client = await stage.wire(1, '/one2many?room=x');
    await client.barrier();
  });

  it('handshakes that stop half-way hold nobody up', async () => {
    const whole = handshake('/one2many');
    const halves = await Promise.all(
      Array.from({ length: 50 }, (_, index) => sendRaw(stage.node(index).port, whole.slice(0, 30 + index))),
    );
    await stage.servesFreshBroadcast();
    expect((await stage.cluster.figures()).sockets).toBe(2);
    for (const half of halves) half.destroy();
  });

  it('after all of it, the same processes serve a fresh broadcast', () => stage.servesFreshBroadcast());
});
