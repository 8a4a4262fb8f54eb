import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigError } from './config.js';

export interface CertificateFiles {
  /** The certificate and those that lead to a known authority, in PEM. */
  certFile: string;
  keyFile: string;
}

/** What is in the files. Throws ConfigError when they cannot be read, or are no certificate and its key. */
export function readCertificate({ certFile, keyFile }: CertificateFiles): { cert: Buffer; key: Buffer } {
  try {
    const pair = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
    createSecureContext(pair);
    return pair;
  } catch (error) {
    throw new ConfigError([`TLS: ${certFile}, ${keyFile}: ${(error as Error).message}`]);
  }
}
