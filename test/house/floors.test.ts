import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

const forbidden = [
  ['packages/protocol/src', '@manycast/core'],
  ['packages/core/src', '@manycast/redis'],
  ['packages/core/src', 'ioredis'],
  ['packages/redis/src', '@manycast/kurento'],
  ['packages/kurento/src', 'ioredis'],
  ['apps/signaling/src', '@manycast/redis'],
  ['apps/dev/src', '@manycast/signaling'],
] as const;
const allowed = [
  ['packages/core/src', '@manycast/protocol'],
  ['packages/redis/src', 'ioredis'],
] as const;

const planted = (folder: string, name: string) =>
  join(folder, `${name.replace(/\W+/g, '-').replace(/^-/, '')}.ts`);

describe('the floors, held by the lint rule of biome.json', () => {
  let folder: string;
  let report: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manycast-floors-'));
    const config = JSON.parse(await readFile(join(root, 'biome.json'), 'utf8'));
    await writeFile(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }));
    for (const [place, name] of [
      ...forbidden,
      ...allowed,
      ['apps/signaling/src/compose', '@manycast/redis'] as const,
    ]) {
      const file = join(folder, place.endsWith('compose') ? `${place}.ts` : planted(place, name));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `export { planted } from '${name}';\n`);
    }
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
    report = await new Promise(resolve => {
      const args = [biome, 'lint', '--max-diagnostics=none', '--reporter=github', '.'];
      execFile(process.execPath, args, { cwd: folder }, (_error, stdout, stderr) => resolve(stdout + stderr));
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const isRefused = (file: string) =>
    report.split('\n').some(line => line.includes('noRestrictedImports') && line.includes(`${file},`));

  it.each(forbidden)('%s may not import %s', (place, name) => {
    expect(isRefused(planted(place, name)), report).toBe(true);
  });

  it.each(allowed)('%s may import %s', (place, name) => {
    expect(isRefused(planted(place, name)), report).toBe(false);
  });

  it('compose.ts is the one file of an app that sees adapters', () => {
    expect(isRefused('apps/signaling/src/compose.ts'), report).toBe(false);
  });
});
