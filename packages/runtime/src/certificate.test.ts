import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { expect, it, onTestFinished } from 'vitest';
import { makeCertificate } from '../../../test/support/certificate.js';
import { freePort } from '../../../test/support/free-port.js';
import { readCertificate } from './certificate.js';
import { ConfigError } from './config.js';
import { HealthServer } from './health-server.js';
import { createLogger } from './logger.js';
import { Readiness } from './readiness.js';

const newCertificate = () => {
  const certificate = makeCertificate();
  onTestFinished(certificate.remove);
  return certificate;
};

it('a server with a certificate speaks TLS, and metrics that are elsewhere are not served', async () => {
  const tls = newCertificate();
  const port = await freePort();
  const log = createLogger({ name: 'test', level: 'silent' });
  const server = new HealthServer({ host: '127.0.0.1', port, readiness: new Readiness({}), log, tls });
  await server.start();
  onTestFinished(() => server.stop());
  const status = (path: string) =>
    new Promise((resolve, reject) => {
      const options = { port, path, host: 'localhost', ca: readFileSync(tls.certFile) };
      request(options, response => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
  expect(await status('/livez')).toBe(200);
  expect(await status('/metrics')).toBe(404);
});

it.each([
  [
    'a key of another certificate',
    (_certFile: string, keyFile: string) => copyFileSync(newCertificate().keyFile, keyFile),
  ],
  ['no certificate', (certFile: string) => writeFileSync(certFile, 'nonsense')],
  ['nothing at that place', (certFile: string) => writeFileSync(certFile, '')],
])('%s stops the start', (_, spoil) => {
  const { certFile, keyFile } = newCertificate();
  spoil(certFile, keyFile);
  expect(() => readCertificate({ certFile, keyFile })).toThrow(ConfigError);
});
