import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, createLogger } from '@manycast/runtime';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isWanted, parseReceivers } from './receiver.js';
import { ReceiverFile } from './receiver-file.js';

const receiver = { id: 'billing', url: 'https://billing.example/hooks', secrets: ['a-secret-of-16-c'] };
const parse = (...receivers: object[]) => parseReceivers(JSON.stringify({ receivers }));

describe('a receiver', () => {
  it('needs an id, an address and a secret', () => {
    expect(parse(receiver)).toEqual({
      problems: [],
      receivers: [
        {
          ...receiver,
          events: ['*'],
          timeoutMs: 10_000,
          giveUpAfterMs: 86_400_000,
          retryMaxMs: 300_000,
          concurrency: 16,
        },
      ],
    });
    expect(parse()).toEqual({ receivers: [], problems: [] });
  });

  it.each([
    ['url', { url: 'ftp://billing.example' }],
    ['url', { url: 'https://user:pw@billing.example/' }],
    ['url', { url: '/hooks' }],
    ['secrets', { secrets: [] }],
    ['secrets.0', { secrets: ['short'] }],
    ['secrets.0', { secrets: ['with a space in it'] }],
    ['events.0', { events: ['room.livee'] }],
    ['events', { events: [] }],
    ['id', { id: 'Billing' }],
    ['timeoutMs', { timeoutMs: 5 }],
    ['receivers.0: .*surprise', { surprise: 1 }],
  ])('with a wrong %s is refused: %j', (field, wrong) => {
    const { receivers, problems } = parse({ ...receiver, ...wrong });
    expect(receivers).toEqual([]);
    expect(problems.join()).toMatch(new RegExp(field));
    expect(problems.join()).not.toContain('a-secret-of-16-c');
  });

  it('has an id of its own, and all problems are told at once', () => {
    expect(parse(receiver, receiver).problems).toEqual(['receivers: has the same id twice']);
    expect(parse({ ...receiver, id: '' }, { ...receiver, url: '' }).problems).toHaveLength(2);
    expect(parseReceivers('{').problems).toEqual(['is not JSON']);
  });

  it('wants what its filter says', () => {
    expect(isWanted({ events: ['room.*', 'viewer.count'] }, 'room.live')).toBe(true);
    expect(isWanted({ events: ['room.*', 'viewer.count'] }, 'viewer.count')).toBe(true);
    expect(isWanted({ events: ['room.*', 'viewer.count'] }, 'viewer.left')).toBe(false);
    expect(isWanted({ events: ['*'] }, 'viewer.left')).toBe(true);
  });
});

describe('the receivers’ file', () => {
  const log = createLogger({ name: 'test', level: 'silent' });
  async function fileWith(text: string) {
    const folder = await mkdtemp(join(tmpdir(), 'manycast-webhooks-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'webhooks.json');
    const write = (content: object | string) =>
      writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    await write(text);
    return { path, write };
  }

  it('that is missing or wrong stops the start', async () => {
    await expect(ReceiverFile.open('/nowhere/webhooks.json', log)).rejects.toThrow(ConfigError);
    const { path } = await fileWith('[]');
    await expect(ReceiverFile.open(path, log)).rejects.toThrow(/MANYCAST_WEBHOOKS_FILE: .*webhooks.json/);
  });

  it('is read again: receivers come, change and go; one that is wrong or missing changes nothing', async () => {
    const { path, write } = await fileWith(JSON.stringify({ receivers: [receiver] }));
    const file = await ReceiverFile.open(path, log);
    const rotated = { ...receiver, secrets: ['the-new-secret-16', ...receiver.secrets] };
    await write({ receivers: [rotated, { ...receiver, id: 'other' }] });
    await file.refresh();
    expect(file.find('billing')?.secrets).toEqual(rotated.secrets);
    expect(file.all().map(({ id }) => id)).toEqual(['billing', 'other']);
    await write({ receivers: [rotated] });
    await file.refresh();
    expect(file.all().map(({ id }) => id)).toEqual(['billing']);
    await write('{');
    await file.refresh();
    await rm(path);
    await file.refresh();
    expect(file.find('billing')?.secrets).toEqual(rotated.secrets);
  });
});
