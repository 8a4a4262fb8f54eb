import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, createLogger } from '@manycast/runtime';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Callers } from './caller.js';
import { TokenFile } from './token-file.js';

const reader = 'read grafana 0123456789abcdef';
const writer = 'write alice@example.org fedcba9876543210';

describe('the tokens’ file', () => {
  it('names who may do what', () => {
    const { callers, problems } = Callers.parse(`# operators\n\n${reader}\n  ${writer}  \r\n`);
    expect(problems).toEqual([]);
    expect(callers.find('0123456789abcdef')).toEqual({ name: 'grafana', role: 'read' });
    expect(callers.find('fedcba9876543210')).toEqual({ name: 'alice@example.org', role: 'write' });
    for (const wrong of ['', '0123456789abcde', '0123456789abcdefg'])
      expect(callers.find(wrong)).toBeUndefined();
  });

  it('is refused with every problem, and no problem repeats a token', () => {
    const text = [
      'own a 0123456789abcdef',
      'read b tiny',
      'read ö 0123456789abcdef',
      reader,
      reader,
      `${writer} x`,
    ];
    const { problems } = Callers.parse(text.join('\n'));
    expect(problems.map(problem => problem.slice(0, 6))).toEqual([1, 2, 3, 5, 6].map(line => `line ${line}`));
    expect(problems.join()).not.toMatch(/0123|tiny/);
    expect(Callers.parse('# nobody\n').problems).toEqual(['names nobody']);
  });

  it('is read again; one that is wrong then changes nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'manycast-tokens-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'tokens');
    await writeFile(path, reader);
    const tokens = await TokenFile.open(path, createLogger({ name: 'test', level: 'silent' }));

    await writeFile(path, writer);
    await tokens.refresh();
    expect(tokens.find('0123456789abcdef')).toBeUndefined();
    expect(tokens.find('fedcba9876543210')?.role).toBe('write');

    await writeFile(path, 'rubbish');
    await tokens.refresh();
    expect(tokens.find('fedcba9876543210')?.role).toBe('write');
  });

  it('that cannot be read or is wrong stops the start', async () => {
    const log = createLogger({ name: 'test', level: 'silent' });
    await expect(TokenFile.open('/nowhere/tokens', log)).rejects.toThrow(ConfigError);
  });
});
