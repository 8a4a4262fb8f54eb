import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { anyFreePort, isPortFree, planPorts } from './ports.js';

const takenAre =
  (...taken: number[]) =>
  async (port: number) =>
    !taken.includes(port);

describe('port plan', () => {
  it('gives the nodes consecutive ports and the media servers the first free ones from 8888 up', async () => {
    const plan = await planPorts({ basePort: 8080, nodes: 3, mediaServers: 2 }, takenAre(8888, 8890));
    expect(plan).toEqual({ nodes: [8080, 8081, 8082], mediaServers: [8889, 8891] });
  });

  it('keeps the media servers away from the ports of the nodes', async () => {
    const plan = await planPorts({ basePort: 8887, nodes: 2, mediaServers: 1 }, takenAre());
    expect(plan.mediaServers).toEqual([8889]);
  });

  it('names the taken port, the node that wanted it, and the way out', async () => {
    const plan = planPorts({ basePort: 8080, nodes: 2, mediaServers: 1 }, takenAre(8081));
    await expect(plan).rejects.toMatchObject({
      exitCode: 69,
      message: expect.stringMatching(
        /^Port 8081, meant for the signaling node node-2, is taken: .*--port BASE\.$/,
      ),
    });
  });

  it('says so when no port is left for the media servers', async () => {
    const plan = planPorts({ basePort: 8080, nodes: 1, mediaServers: 1 }, async port => port < 8888);
    await expect(plan).rejects.toMatchObject({ exitCode: 69 });
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
