import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Cluster } from '../support/cluster.js';
import { readMetric } from '../support/metric.js';
import { printLogOnFailure } from '../support/print-log-on-failure.js';
import { ResumingClient } from '../support/resuming-client.js';
import type { SignalingNode } from '../support/signaling-node.js';
import { waitFor } from '../support/wait-for.js';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start({
    env: {
      MANYCAST_MAX_CHAT_BUFFERED_BYTES: '16384',
      MANYCAST_CHAT_PER_SECOND: '1000',
      MANYCAST_CHAT_KEPT: '100000',
      MANYCAST_MAX_MESSAGES_PER_S: '100000',
    },
  });
});
afterAll(async () => {
  expect(await cluster.stop()).toEqual([]);
});
printLogOnFailure(() => cluster.nodes.map(({ process }) => process));

const room = 'with-a-slow-one';
/** As many bytes as 500 characters can have: the kernel's buffers take some megabytes before a node notices. */
const text = '漢'.repeat(500);
const batch = 100;
const soon = { timeoutMs: 30_000 };

describe('[R-CHAT-3] a viewer that does not read', () => {
  it('goes without the chat, not without what media needs, and costs nobody else anything', async () => {
    const [node] = cluster.nodes as [SignalingNode];
    const join = async (role: 'presenter' | 'viewer') => {
      const client = await ResumingClient.open(role, node.wsUrl('/one2many'), room);
      onTestFinished(() => client.vanish());
      await client.join();
      return client;
    };
    const presenter = await join('presenter');
    const [quick, slow] = [await join('viewer'), await join('viewer')];
    for (const { wire } of [quick, slow]) await wire.next('chatState');
    const offsets = ({ wire }: ResumingClient) => wire.all('chat').map(({ offset }) => Number(offset));
    const leftOut = () => readMetric(node.httpUrl, 'manycast_chat_left_out_total');

    slow.wire.ws.pause();
    let said = 0;
    while ((await leftOut()) < batch) {
      expect(said).toBeLessThan(20_000);
      for (let number = 0; number < batch; number += 1) {
        said += 1;
        presenter.wire.send({ id: 'chat', clientId: `m-${said}`, text });
      }
      await waitFor('the room to have it', () => presenter.wire.all('chatAccepted').length === said, soon);
    }
    // The room's media is built anew while the slow one still does not read.
    expect(await presenter.offer()).toMatchObject({ response: 'accepted' });
    const isTold = ({ orders }: ResumingClient) => orders.some(({ id }) => id === 'renegotiate');
    await waitFor('the quick one to be told to offer again', () => isTold(quick), soon);

    const all = Array.from({ length: said }, (_, index) => index + 1);
    await waitFor('the quick one to have heard everything', () => offsets(quick).length === said, soon);
    expect(offsets(quick)).toEqual(all);
    expect(isTold(slow)).toBe(false);
    expect(await readMetric(node.httpUrl, 'manycast_sockets')).toBe(3);

    slow.wire.ws.resume();
    await waitFor('the slow one to be told to offer again', () => isTold(slow), soon);
    expect(slow.events).toEqual(quick.events);
    expect([...slow.gaps, ...slow.faults]).toEqual([]);
    const knowsEnd = () => slow.wire.all('chatState').some(({ offset }) => offset === said);
    await waitFor('the slow one to be told where the chat stands', knowsEnd, soon);
    const heard = offsets(slow);
    expect(heard).toEqual(all.slice(0, heard.length));
    expect(heard.length).toBeLessThanOrEqual(said - batch);
    const page = await slow.wire.ask(
      { id: 'chatHistory', clientId: 'missed', after: heard.length, limit: 100 },
      'chatHistory',
    );
    expect(page.entries[0]).toMatchObject({ offset: heard.length + 1, text });
  });
});
