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

/** What nobody but the operator can choose. */
export const requiredVariables = { TOKEN_SECRET: '0123456789abcdef', OPEN: 'true' };

/**
 * A file of infra/ as Docker Compose reads it with these variables set: anchors, defaults and `extends` resolved.
 * Only as much of Compose as these files use; where Compose itself is installed, a test compares.
 */
export function readCompose(
  file: string,
  variables: Record<string, string> = requiredVariables,
): Record<string, ComposeService> {
  const text = readFileSync(join(repositoryRoot, 'infra', file), 'utf8');
  const { services } = JSON.parse(JSON.stringify(parse(text, { merge: true })), (_key, value) =>
    typeof value === 'string' ? interpolate(value, variables) : value,
  );
  return Object.fromEntries(
    Object.entries<ComposeService & { extends?: { file: string; service: string } }>(services).map(
      ([name, { extends: from, ...own }]) => {
        const inherited = from && readCompose(from.file, variables)[from.service];
        const environment = { ...inherited?.environment, ...own.environment };
        return [name, { ...inherited, ...own, environment }];
      },
    ),
  );
}

/** `${NAME:-default}`, `${NAME:+instead}` where it is set, and `${NAME:?why it must be set}`. */
function interpolate(text: string, variables: Record<string, string>): string {
  return text.replaceAll(/\$\{(\w+)(?::([-+?])([^}]*))?\}/g, (_whole, name, mark, rest) => {
    if (variables[name]) return mark === '+' ? rest : variables[name];
    if (mark === '+') return '';
    if (mark === '?') throw new Error(`required variable ${name} is missing a value: ${rest}`);
    return rest ?? '';
  });
}
