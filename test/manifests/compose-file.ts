import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repositoryRoot } from '../support/built-app.js';

export interface ComposeService {
  image: string;
  build?: { context: string; dockerfile: string };
  environment?: Record<string, string>;
  ports?: string[];
  hostname?: string;
  stop_grace_period?: string;
  volumes?: string[];
}

/**
 * A file of infra/ as Docker Compose reads it when no variable is set: anchors, defaults and `extends` resolved.
 * Only as much of Compose as these files use; where Compose itself is installed, a test compares.
 */
export function readCompose(file: string): Record<string, ComposeService> {
  const text = readFileSync(join(repositoryRoot, 'infra', file), 'utf8');
  const { services } = JSON.parse(JSON.stringify(parse(text, { merge: true })), (_key, value) =>
    typeof value === 'string' ? withDefaults(value) : value,
  );
  return Object.fromEntries(
    Object.entries<ComposeService & { extends?: { file: string; service: string } }>(services).map(
      ([name, { extends: from, ...own }]) => {
        const inherited = from && readCompose(from.file)[from.service];
        const environment = { ...inherited?.environment, ...own.environment };
        return [name, { ...inherited, ...own, environment }];
      },
    ),
  );
}

/** `${NAME:-default}`, with no NAME set. */
const withDefaults = (text: string): string =>
  text.replaceAll(/\$\{\w+(?::-([^}]*))?\}/g, (_whole, fallback) => fallback ?? '');
