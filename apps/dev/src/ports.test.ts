import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { anyFreePort, isPortFree, planPorts } from './ports.js';

const takenAre =
  (...taken: number[]) =>
  async (port: number) =>
    !taken.includes(port);

describe('port plan', () => {
  it('gives the nodes consecutive ports, all others the first free ones from their own port up', async () => {
    const order = { basePort: 8080, nodes: 3, controllers: 2, mediaServers: 2 };
    expect(await planPorts(order, takenAre(8090, 8888, 8890))).toEqual({
      nodes: [8080, 8081, 8082],
      controllers: [8091, 8092],
      admin: [8190, 8191],
      mediaServers: [8889, 8891],
    });
  });

  it('keeps everything else away from the ports of the nodes', async () => {
    const besideMedia = { basePort: 8887, nodes: 2, controllers: 0, mediaServers: 1 };
    expect((await planPorts(besideMedia, takenAre())).mediaServers).toEqual([8889]);
    const many = { basePort: 8080, nodes: 12, controllers: 1, mediaServers: 0 };
    expect((await planPorts(many, takenAre())).controllers).toEqual([8092]);
  });

  it('names the taken port, the node that wanted it, and the way out', async () => {
    const order = { basePort: 8080, nodes: 2, controllers: 1, mediaServers: 1 };
    const plan = planPorts(order, takenAre(8081));
    await expect(plan).rejects.toMatchObject({
      exitCode: 69,
      message: expect.stringMatching(
        /^Port 8081, meant for the signaling node node-2, is taken: .*--port BASE\.$/,
      ),
    });
  });

  it.each([
    ['media servers', { controllers: 0, mediaServers: 1 }, '--media-servers'],
    ['controllers', { controllers: 1, mediaServers: 0 }, '--controllers'],
  ])('says so when no port is left for the %s', async (_what, order, flag) => {
    const plan = planPorts({ basePort: 8080, nodes: 1, ...order }, async port => port < 8090);
    await expect(plan).rejects.toMatchObject({ exitCode: 69, message: expect.stringContaining(`${flag} N`) });
  });
});

describe('a port', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::'])('is taken by a listener on %s', async host => {
    const port = await anyFreePort();
    expect(await isPortFree(port)).toBe(true);
    const server = createServer().listen(port, host);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    expect(await isPortFree(port)).toBe(false);
  });
});
