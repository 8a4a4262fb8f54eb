import { describe, expect, it } from 'vitest';
import { dispatching } from '../testing/dispatching.js';
import { kurentoError } from './kurento-error.js';

describe('dispatcher', () => {
  it('answers the same request of the same session with the same reply, errors included', async () => {
    const { request, server } = dispatching();
    const made = await request('create', { type: 'MediaPipeline' }, 5);
    expect(await request('create', { type: 'MediaPipeline' }, '5')).toEqual(made);
    expect(server.objects()).toHaveLength(2);
    const refused = await request('describe', { object: 'later' }, 6);
    expect(await request('create', { type: 'MediaPipeline' }, 6)).toEqual(refused);
    const unknown = await request('nonsense', {}, 7);
    expect(await request('ping', {}, 7)).toEqual(unknown);
  });

  it('does not mistake one session for another', async () => {
    const { request } = dispatching();
    const made = await request('create', { type: 'MediaPipeline' }, 1);
    const other = await request('create', { type: 'MediaPipeline', sessionId: 'other' }, 1);
    expect(other.result.value).not.toBe(made.result.value);
  });

  it('carries out a notification, and answers it with the error that Kurento does', async () => {
    const { handle, server } = dispatching();
    const params = { type: 'MediaPipeline', sessionId: 's' };
    const reply = await handle({ jsonrpc: '2.0', method: 'create', params });
    expect(reply).toMatchObject({ id: null, error: { code: -32000, data: { sessionId: 's' } } });
    expect(server.objects()).toHaveLength(2);
    expect(await handle({ jsonrpc: '2.0', method: 'closeSession', params })).toBeUndefined();
    expect(server.objects()).toHaveLength(1);
  });

  it('makes an answer of whatever goes wrong', async () => {
    const { create, invoke, plane, handle } = dispatching();
    const mediaPipeline = await create('MediaPipeline');
    const endpoint = await create('WebRtcEndpoint', { mediaPipeline });
    plane.endpoint(endpoint).addIceCandidate = () => {
      throw new TypeError('unheard of');
    };
    const candidate = { candidate: 'c', sdpMid: '0', sdpMLineIndex: 0 };
    expect((await invoke(endpoint, 'addIceCandidate', { candidate })).error).toMatchObject({ code: -32603 });
    const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
    const params = { operations: [{ id: 0, jsonrpc: '2.0', method: 'ping', params: { deep } }] };
    expect(await handle({ jsonrpc: '2.0', id: 1, method: 'transaction', params })).toHaveProperty('id', 1);
    expect(await handle({ jsonrpc: '2.0', id: 2, method: 'ping', params: 'text' })).toMatchObject({
      error: { code: -32603 },
    });
  });

  it('refuses to create when resources run out', async () => {
    const { request } = dispatching(() => {
      throw kurentoError('NOT_ENOUGH_RESOURCES', 'Reached KMS files limit: 51');
    });
    expect((await request('create', { type: 'Nothing' })).error?.code).toBe(40108);
    expect((await request('create', { type: 'MediaPipeline' })).error?.code).toBe(40009);
  });
});
