import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client } from './testing/client.js';
import { FakeServer } from './testing/fake-server.js';

let server: FakeServer;
beforeEach(async () => {
  server = await FakeServer.start();
});
afterEach(() => server.kill());

describe('a join token from a function', () => {
  it('is asked for before the first offer, and again when the present one expires', async () => {
    const tickets = ['ticket-1', 'ticket-2'];
    const token = async () => tickets.shift() as string;
    const client = new Client([server], { role: 'viewer', token });
    const socket = await server.accepts();
    expect(await socket.receives('viewer')).toMatchObject({ token: 'ticket-1' });
    client.accept(socket, 'viewer');
    client.peer.becomes('connected');
    await client.reaches('connected');
    socket.send({ id: 'tokenExpiring', inMs: 1_000 });
    expect(await socket.receives('authorize')).toEqual({ id: 'authorize', token: 'ticket-2' });
    await client.session.leave();
  });

  it('that gives none ends the session', async () => {
    const client = new Client([server], {
      role: 'viewer',
      token: () => Promise.reject(new Error('signed out')),
    });
    await client.reaches('ended');
    expect(client.tellings('ended')[0]?.error).toMatchObject({ code: 'no-token' });
  });
});

it('a session whose token was revoked ends with that, and does not connect again', async () => {
  const client = new Client([server], { role: 'viewer', token: 'ticket' });
  const socket = await server.accepts();
  await client.joins(socket, 'viewer');
  socket.close(4511);
  await client.reaches('ended');
  expect(client.tellings('ended')[0]?.error).toMatchObject({ code: 'token-revoked' });
  expect(client.tellings('reconnecting')).toEqual([]);
});
