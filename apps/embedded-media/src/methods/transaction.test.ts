import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.js';
import { dispatching } from '../testing/dispatching.js';

const offer = 'v=0\r\n';
const op = (id: Json, method: string, params: JsonObject) => ({ id, jsonrpc: '2.0', method, params });
const invoke = (id: number, object: string, operation: string, operationParams: JsonObject = {}) =>
  op(id, 'invoke', { object, operation, operationParams });

describe('transaction', () => {
  it('builds a room in one request, each operation using what earlier ones answered', async () => {
    const { request, plane, create } = dispatching();
    const mediaPipeline = await create('MediaPipeline');
    const source = await create('WebRtcEndpoint', { mediaPipeline });
    const { result } = await request('transaction', {
      operations: [
        op(0, 'create', { type: 'WebRtcEndpoint', constructorParams: { mediaPipeline } }),
        invoke(1, 'newref:0', 'addTag', { key: 'role', value: 'viewer' }),
        op(2, 'subscribe', { object: 'newref:0', type: 'IceCandidateFound' }),
        invoke(3, 'newref:0', 'processOffer', { offer }),
        invoke(4, source, 'connect', { sink: 'newref:0' }),
      ],
    });
    expect(result.sessionId).toBe('s');
    expect(result.value.map((answer: Json) => (answer as JsonObject).id)).toEqual([0, 1, 2, 3, 4]);
    expect(result.value[3].result.value).toContain('answer');
    const endpoint = result.value[0].result.value;
    expect([...plane.endpoint(endpoint).receives]).toEqual([
      `${source}>AUDIO`,
      `${source}>VIDEO`,
      `${source}>DATA`,
    ]);
  });

  it('stops at the first failing operation, keeps what was made and is no error itself', async () => {
    const { request, server } = dispatching();
    const { result, error } = await request('transaction', {
      operations: [
        op(0, 'create', { type: 'MediaPipeline' }),
        invoke(1, 'newref:0', 'getTag', { key: 'none' }),
        op(2, 'create', { type: 'MediaPipeline' }),
      ],
    });
    expect(error).toBeUndefined();
    expect(result.value).toHaveLength(2);
    expect(result.value[1]).toMatchObject({ id: 1, error: { code: 40110 } });
    expect(server.objects()).toHaveLength(2);
  });

  it.each([
    ['ids that do not count from 0', [op(1, 'ping', {})]],
    ['an id that is no number', [op('0', 'ping', {})]],
    ['a reference ahead', [invoke(0, 'newref:1', 'getTags'), op(1, 'create', { type: 'MediaPipeline' })]],
    ['a reference to itself', [invoke(0, 'newref:0', 'getTags')]],
    ['a reference that is no number', [invoke(0, 'newref:x', 'getTags')]],
    ['a negative reference', [op(0, 'ping', {}), invoke(1, 'newref:-1', 'getTags')]],
  ])('%s: 40008 for the whole', async (_, operations) => {
    const { request } = dispatching();
    expect((await request('transaction', { operations })).error).toMatchObject({
      code: 40008,
      data: { type: 'MALFORMED_TRANSACTION' },
    });
  });

  it('answers nothing for nothing, and refuses what are no operations', async () => {
    const { request } = dispatching();
    expect((await request('transaction', { operations: [] })).result).toEqual({ value: [], sessionId: 's' });
    expect((await request('transaction', {})).error?.code).toBe(-32000);
    expect((await request('transaction', { operations: {} })).error?.code).toBe(-32000);
    expect((await request('transaction', { operations: [7] })).error?.code).toBe(-32603);
  });

  it('may stand inside another', async () => {
    const { request } = dispatching();
    const inner = op(0, 'transaction', { operations: [op(0, 'ping', {})] });
    const { result } = await request('transaction', { operations: [inner] });
    expect(result.value[0].result.value[0].result.value).toBe('pong');
  });
});
