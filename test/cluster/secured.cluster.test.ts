import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startBuiltApp } from '../support/built-app.js';
import { type Certificate, makeCertificate } from '../support/certificate.js';
import type { RunningProcess } from '../support/child-process.js';
import { startProcess } from '../support/child-process.js';
import { type EmbeddedMedia, startEmbeddedMedia } from '../support/embedded-media.js';
import { freePort } from '../support/free-port.js';
import { waitFor } from '../support/wait-for.js';
import { WebRtcPeer } from '../support/webrtc-peer.js';

const password = 'the-password-of-redis';
const tokenSecret = 'what resume tokens are signed with';

/** TLS in front of a server that has none, as a proxy does it. */
async function startTls(
  { certFile, keyFile }: Certificate,
  target: number,
): Promise<{ port: number; server: Server }> {
  const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, socket => {
    const plain = connect(target, '127.0.0.1');
    socket.pipe(plain).pipe(socket);
    for (const end of [socket, plain]) end.on('error', () => [socket, plain].map(each => each.destroy()));
  });
  const port = await freePort();
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  return { port, server };
}

describe('everything over TLS, with an authority of its own', () => {
  let certificate: Certificate;
  let redis: RunningProcess;
  let media: EmbeddedMedia;
  let mediaTls: Server;
  let node: RunningProcess;
  let port: number;
  let metricsPort: number;

  beforeAll(async () => {
    certificate = makeCertificate();
    const { certFile, keyFile } = certificate;
    const redisPort = await freePort();
    redis = await startProcess({
      name: 'redis-server with TLS',
      command: 'redis-server',
      args: [
        ...['--port', '0', '--tls-port', String(redisPort), '--bind', '127.0.0.1', '--save', ''],
        ...['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', certFile],
        ...['--tls-auth-clients', 'no', '--user', 'default', 'off'],
        // What SECURITY.md says that a cluster needs.
        ...['--user', 'manycast', 'on', `>${password}`, '~manycast:*', '&manycast:*'],
        ...['+@all', '-@admin', '-@dangerous', '+info', '+keys'],
      ],
      ready: () => ping(redisPort, certFile),
    });
    media = await startEmbeddedMedia();
    const tls = await startTls(certificate, media.port);
    mediaTls = tls.server;
    port = await freePort();
    metricsPort = await freePort();
    const secretFile = `${certFile}.secret`;
    writeFileSync(secretFile, `${tokenSecret}\n`);
    node = await startBuiltApp({
      app: 'signaling',
      env: {
        NODE_EXTRA_CA_CERTS: certFile,
        MANYCAST_HOST: '127.0.0.1',
        MANYCAST_PORT: String(port),
        MANYCAST_METRICS_PORT: String(metricsPort),
        MANYCAST_TLS_CERT_FILE: certFile,
        MANYCAST_TLS_KEY_FILE: keyFile,
        MANYCAST_REDIS_URL: `rediss://manycast:${password}@localhost:${redisPort}`,
        MANYCAST_MEDIA_SERVERS: `wss://localhost:${tls.port}/kurento`,
        MANYCAST_TOKEN_SECRET_FILE: secretFile,
        MANYCAST_OPEN: 'true',
        MANYCAST_LOG_LEVEL: 'trace',
      },
      ready: async () => (await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).ok,
    });
  });
  afterAll(async () => {
    await node?.stop();
    mediaTls?.close();
    await Promise.all([media?.stop(), redis?.stop()]);
    certificate?.remove();
  });

  it('a presenter is accepted, and metrics have their own port', async () => {
    const ca = readFileSync(certificate.certFile);
    const ws = new WebSocket(`wss://localhost:${port}/one2many`, { ca });
    const heard: { id: string; response?: string }[] = [];
    ws.on('message', data => heard.push(JSON.parse(String(data))));
    await new Promise((resolve, reject) => ws.on('open', resolve).on('error', reject));
    const peer = new WebRtcPeer('send');
    ws.send(JSON.stringify({ id: 'presenter', sdpOffer: await peer.offer() }));
    const answer = await waitFor('an answer', () => heard.find(({ id }) => id === 'presenterResponse'));
    expect(answer.response).toBe('accepted');
    ws.terminate();
    peer.close();
    expect((await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).status).toBe(200);
    const status = execFileSync(
      'openssl',
      ['s_client', '-quiet', '-connect', `127.0.0.1:${port}`, '-CAfile', certificate.certFile],
      {
        input: 'GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
        stdio: ['pipe', 'pipe', 'ignore'],
      },
    );
    expect(String(status)).toMatch(/^HTTP\/1.1 404/);
  });

  it('no secret stands in its log, whatever its level', () => {
    const log = node.log.lines.join('\n');
    expect(log.length).toBeGreaterThan(100);
    for (const secret of [password, tokenSecret]) expect(log).not.toContain(secret);
  });
});

/** Whether a server behind TLS answers at all; it may refuse us. */
function ping(port: number, certFile: string): boolean {
  const answer = execFileSync(
    'openssl',
    ['s_client', '-quiet', '-connect', `127.0.0.1:${port}`, '-CAfile', certFile],
    {
      input: 'PING\r\nQUIT\r\n',
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: 5_000,
    },
  );
  return String(answer).includes('NOAUTH') || String(answer).includes('PONG');
}
