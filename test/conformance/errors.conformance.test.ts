import { describe, expect } from 'vitest';
import type { KurentoSession } from '../support/kurento-session.js';
import { kmsCase, notRun } from './kms-case.js';
import { OFFER } from './sample-offer.js';

interface Refusal {
  code: number;
  /** The name that stands in `data.type` (KurentoException.cpp). */
  type?: string;
  when: string;
  request: (session: KurentoSession, endpoint: string) => [method: string, params: object];
}

const invoke = (object: string, operation: string, operationParams?: object): [string, object] => [
  'invoke',
  { object, operation, operationParams },
];

const NOWHERE = 'never-there_kurento.WebRtcEndpoint';

const REFUSALS: Refusal[] = [
  ...['describe', 'ref'].map(
    (method): Refusal => ({
      code: 40101,
      type: 'MEDIA_OBJECT_NOT_FOUND',
      when: `${method} of an unknown object`,
      request: () => [method, { object: NOWHERE }],
    }),
  ),
  {
    code: 40101,
    type: 'MEDIA_OBJECT_NOT_FOUND',
    when: 'invoke on an unknown object',
    request: () => invoke(NOWHERE, 'getTags'),
  },
  {
    code: 40101,
    type: 'MEDIA_OBJECT_NOT_FOUND',
    when: 'subscribe to an unknown object',
    request: () => ['subscribe', { object: NOWHERE, type: 'Error' }],
  },
  {
    code: 40101,
    type: 'MEDIA_OBJECT_NOT_FOUND',
    when: 'connect to an unknown sink',
    request: (_, endpoint) => invoke(endpoint, 'connect', { sink: NOWHERE }),
  },
  {
    code: 40101,
    type: 'MEDIA_OBJECT_NOT_FOUND',
    when: 'create in an unknown pipeline',
    request: () => ['create', { type: 'WebRtcEndpoint', constructorParams: { mediaPipeline: NOWHERE } }],
  },
  {
    code: 40007,
    type: 'INVALID_SESSION',
    when: 'connect to an unknown session',
    request: () => ['connect', { sessionId: 'never-there' }],
  },
  {
    code: 40008,
    when: 'an unknown operation',
    request: (_, endpoint) => invoke(endpoint, 'noSuchOperation'),
  },
  {
    code: 40001,
    type: 'MARSHALL_ERROR',
    when: 'an operation parameter that is missing',
    request: (_, endpoint) => invoke(endpoint, 'addTag', { key: 'room' }),
  },
  {
    code: 40001,
    type: 'MARSHALL_ERROR',
    when: 'an operation parameter of the wrong type',
    request: (_, endpoint) => invoke(endpoint, 'processOffer', { offer: { sdp: OFFER } }),
  },
  {
    code: 40106,
    type: 'MEDIA_OBJECT_EVENT_NOT_SUPPORTED',
    when: 'subscribe to an unknown event',
    request: (_, endpoint) => ['subscribe', { object: endpoint, type: 'NoSuchEvent' }],
  },
  {
    code: 40108,
    type: 'MEDIA_OBJECT_NOT_AVAILABLE',
    when: 'create of an unknown type',
    request: () => ['create', { type: 'NoSuchElement' }],
  },
  {
    code: 40109,
    type: 'MEDIA_OBJECT_NOT_FOUND_TRANSACTION_NO_COMMIT',
    when: 'a newref outside its transaction',
    request: () => ['describe', { object: 'newref:0' }],
  },
  {
    code: 40110,
    type: 'MEDIA_OBJECT_TAG_KEY_NOT_FOUND',
    when: 'an unknown tag key',
    request: (_, endpoint) => invoke(endpoint, 'getTag', { key: 'never-set' }),
  },
  {
    code: 40201,
    type: 'SDP_PARSE_ERROR',
    when: 'a bad offer',
    request: (_, endpoint) => invoke(endpoint, 'processOffer', { offer: 'not an offer' }),
  },
  {
    code: 40201,
    type: 'SDP_PARSE_ERROR',
    when: 'an empty offer',
    request: (_, endpoint) => invoke(endpoint, 'processOffer', { offer: '' }),
  },
  {
    code: 40202,
    type: 'SDP_END_POINT_NO_LOCAL_SDP_ERROR',
    when: 'the local description before any',
    request: (_, endpoint) => invoke(endpoint, 'getLocalSessionDescriptor'),
  },
  {
    code: 40209,
    type: 'SDP_END_POINT_NOT_OFFER_GENERATED',
    when: 'an answer without an offer',
    request: (_, endpoint) => invoke(endpoint, 'processAnswer', { answer: OFFER }),
  },
  { code: -32601, when: 'an unknown method', request: () => ['noSuchMethod', {}] },
  { code: -32000, when: 'create without a type', request: () => ['create', {}] },
  { code: -32000, when: 'describe without an object', request: () => ['describe', {}] },
  { code: -32000, when: 'invoke without an operation', request: (_, object) => ['invoke', { object }] },
  { code: -32000, when: 'subscribe without a type', request: (_, object) => ['subscribe', { object }] },
  { code: -32000, when: 'release without an object', request: () => ['release', {}] },
  {
    code: -32000,
    when: 'unsubscribe without a subscription',
    request: (_, object) => ['unsubscribe', { object }],
  },
];

describe.concurrent('errors', () => {
  for (const { code, type, when, request } of REFUSALS) {
    kmsCase(`${code}: ${when}`, async ({ kms }) => {
      const session = await kms.session();
      const endpoint = await session.createEndpoint(await session.createPipeline());
      const [method, params] = request(session, endpoint);
      const reply = await session.request(method, params);
      expect(reply.result).toBeUndefined();
      expect(reply.error).toMatchObject({
        code,
        message: expect.stringMatching(/\S/),
        ...(type ? { data: { type } } : {}),
      });
      // A refusal costs neither the socket nor the session nor the object.
      expect((await session.describe(endpoint)).type).toBe('WebRtcEndpoint');
    });
  }

  kmsCase('40208: a second negotiation', async ({ kms }) => {
    const session = await kms.session();
    const endpoint = await session.createEndpoint(await session.createPipeline());
    await session.invoke(endpoint, 'processOffer', { offer: OFFER });
    const reply = await session.request(...invoke(endpoint, 'processOffer', { offer: OFFER }));
    expect(reply.error).toMatchObject({ code: 40208, data: { type: 'SDP_END_POINT_ALREADY_NEGOTIATED' } });
  });

  kmsCase('40101 for a released object reads as for one that never was', async ({ kms }) => {
    const session = await kms.session();
    const pipeline = await session.createPipeline();
    await session.release(pipeline);
    const shape = async (object: string) =>
      JSON.stringify((await session.request('describe', { object })).error).replace(object, 'OBJECT');
    const unknown = await shape('00000000-0000-4000-8000-000000000000_kurento.MediaPipeline');
    expect(await shape(pipeline)).toBe(unknown);
    expect(unknown).toContain('40101');
  });

  for (const [when, frame] of Object.entries({
    'no jsonrpc': '{"id":1,"method":"ping"}',
    'jsonrpc of another version': '{"jsonrpc":"1.0","id":1,"method":"ping"}',
    'no method': '{"jsonrpc":"2.0","id":1}',
    'a method that is no string': '{"jsonrpc":"2.0","id":1,"method":5}',
  })) {
    kmsCase(`-32600: ${when}; the socket goes on`, async ({ kms }) => {
      const socket = await kms.socket();
      socket.sendFrame(frame);
      const reply = await socket.replyTo(null);
      expect(reply.error).toMatchObject({ code: -32600 });
      expect((await socket.call('ping')).value).toBe('pong');
    });
  }

  kmsCase('40009: not enough resources', async ({ kms, task, skip }) => {
    const what = kms.isReal ? 'this server' : 'the embedded server';
    notRun({ task, skip }, `nobody drives ${what} to 80 % of its threads or files for a test`);
  });
});
