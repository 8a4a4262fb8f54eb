import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { printFigure } from '../support/figures.js';
import { Stage } from '../support/stage.js';

const measureMs = 5_000;
const overloadMs = 10_000;

describe('a node at twice its capacity', () => {
  const stage = new Stage({
    env: {
      MANYCAST_MAX_LAG_MS: '60',
      MANYCAST_MAX_MESSAGES_PER_S: '100000',
      MANYCAST_MEDIA_SERVER_CAPACITY: '100000',
      MANYCAST_LOG_LEVEL: 'warn',
    },
  });

  it('gives up new work in the stated order, and no media', async () => {
    const presenter = await stage.presenter(0, 'live');
    const watching = await stage.viewer(0, 'live');
    const clients = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const ws = new WebSocket(stage.node(0).wsUrl('/one2many'));
        await once(ws, 'open');
        return ws;
      }),
    );
    const codes: Record<string, number> = {};
    let answers = 0;
    const rejoin = (ws: WebSocket) =>
      ws.send(JSON.stringify({ id: 'viewer', room: 'empty', sdpOffer: stage.offers.viewer }));
    for (const ws of clients)
      ws.on('message', data => {
        const { id, code } = JSON.parse(String(data)) as { id: string; code?: string };
        if (id !== 'viewerResponse') return;
        answers += 1;
        codes[code ?? 'accepted'] = (codes[code ?? 'accepted'] ?? 0) + 1;
      });

    // Capacity: as many as are answered when each client waits for its answer; of a room where nobody presents.
    const closedLoop = new AbortController();
    for (const ws of clients) ws.on('message', () => closedLoop.signal.aborted || rejoin(ws));
    for (const ws of clients) rejoin(ws);
    const [before, begun] = [answers, performance.now()];
    await new Promise(resolve => setTimeout(resolve, measureMs));
    const capacity = ((answers - before) / (performance.now() - begun)) * 1_000;
    closedLoop.abort();

    const packets = () => ({
      sent: presenter.peer?.sent.video ?? 0,
      got: watching.peer?.received.video ?? 0,
    });
    const packetsBefore = packets();
    // Twice as many, whether they are answered or not.
    const perTick = Math.ceil((2 * capacity) / 50);
    let turn = 0;
    for (let tick = 0; tick < overloadMs / 20; tick += 1) {
      for (let count = 0; count < perTick; count += 1, turn += 1)
        rejoin(clients[turn % clients.length] as WebSocket);
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    const { lines } = stage.node(0).process.log;
    const levels = lines.flatMap(line =>
      line.includes('"overload"') ? [JSON.parse(line).refuses.join(' ')] : [],
    );
    printFigure('capacity', `${capacity.toFixed(0)} answers a second`);
    printFigure('at twice that: answers', JSON.stringify(codes));
    printFigure('what was given up, one after another', levels.map(level => `[${level}]`).join(' '));
    const after = packets();
    const [sent, got] = [after.sent - packetsBefore.sent, after.got - packetsBefore.got];
    printFigure('video packets meanwhile', `${sent} sent, ${got} arrived`);
    expect(codes.overloaded ?? 0).toBeGreaterThan(0);
    expect(sent).toBeGreaterThan(100);
    // Those of the last moment are still on their way.
    expect(sent - got).toBeLessThan(20);
    await watching.untilSeen();
    for (const ws of clients) ws.terminate();
    presenter.stop();
  });
});
