import { once } from 'node:events';
import { MemoryPoolStore, MemoryServerRegistry } from '@manycast/core';
import { createLogger } from '@manycast/runtime';
import { describe, expect, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { Registrar, reachable } from './registrar.js';

async function registrar() {
  const pool = new MemoryPoolStore({ reservationMs: 1_000, now: Date.now });
  const servers = new MemoryServerRegistry(pool.state);
  const log = createLogger({ name: 'test', level: 'silent' });
  const service = new Registrar({ host: '127.0.0.1', port: 0, servers, capacity: undefined, log });
  await service.start();
  onTestFinished(() => service.stop());
  const socket = new WebSocket(`ws://127.0.0.1:${service.port}`);
  await once(socket, 'open');
  const ask = async (frame: string) => {
    socket.send(frame);
    const [data] = await once(socket, 'message');
    return JSON.parse(String(data));
  };
  return { pool, ask, socket };
}

describe('a media server that dials in', () => {
  it('is known by the address that it names, also after it has hung up', async () => {
    const { pool, ask, socket } = await registrar();
    const params = { ws: 'ws://kms-7:8888/kurento' };
    const frame = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'register', params });
    expect(await ask(frame)).toMatchObject({ id: 1, result: { value: 'ws://kms-7:8888/kurento' } });
    await expect
      .poll(() => pool.read())
      .toMatchObject([{ url: 'ws://kms-7:8888/kurento', sources: ['registrar'], state: 'joining' }]);
    socket.close();
    await once(socket, 'close');
    expect(await pool.read()).toHaveLength(1);
  });

  it.each([
    ['{bad json', /message/],
    ['{"jsonrpc":"2.0","method":"unregister","params":{}}', /method/],
    ['{"jsonrpc":"2.0","method":"register","params":{}}', /params: must name ws or wss/],
    ['{"jsonrpc":"2.0","method":"register","params":{"ws":"http://a"}}', /params\.ws: must be a ws/],
  ])('with %s is told what is wrong', async (frame, problem) => {
    const { pool, ask } = await registrar();
    expect(await ask(frame)).toMatchObject({ error: { message: expect.stringMatching(problem) } });
    expect(await pool.read()).toEqual([]);
  });

  it.each([
    ['ws://localhost:8888/kurento', '::ffff:10.0.0.7', 'ws://10.0.0.7:8888/kurento'],
    ['wss://127.0.0.1:8433/kurento', 'fd00::7', 'wss://[fd00::7]:8433/kurento'],
    ['ws://kms-7:8888/kurento', '10.0.0.7', 'ws://kms-7:8888/kurento'],
  ])('%s from %s is %s', (named, from, url) => expect(reachable(named, from)).toBe(url));
});
