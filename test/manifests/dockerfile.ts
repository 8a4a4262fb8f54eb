import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../support/built-app.js';

/** What of an image can be read from its Dockerfile: the instructions of the last stage. */
export interface ImageRecipe {
  text: string;
  /** What the last stage begins from. */
  base: string | undefined;
  instructions: string[];
  env: Record<string, string>;
  user: string | undefined;
  port: number | undefined;
  healthcheck: string | undefined;
}

export function readDockerfile(app: string): ImageRecipe {
  const text = readFileSync(join(repositoryRoot, 'infra', `${app}.Dockerfile`), 'utf8');
  const lines = text.replaceAll(/\\\n\s*/g, ' ').split('\n');
  const lastStage = lines.slice(lines.findLastIndex(line => line.startsWith('FROM ')));
  const argumentOf = (instruction: string) =>
    lastStage.findLast(line => line.startsWith(`${instruction} `))?.slice(instruction.length + 1);
  const assignments = lastStage
    .filter(line => line.startsWith('ENV '))
    .flatMap(line => line.slice('ENV '.length).split(' '));
  return {
    text,
    base: argumentOf('FROM'),
    instructions: lastStage,
    env: Object.fromEntries(assignments.map(text => text.split('=', 2) as [string, string])),
    user: argumentOf('USER'),
    port: Number(argumentOf('EXPOSE')) || undefined,
    healthcheck: argumentOf('HEALTHCHECK'),
  };
}
