import { readFile } from 'node:fs/promises';
import { ConfigError, type Logger, Periodic, type Service } from '@manycast/runtime';
import {
  type Algorithm,
  type Header,
  type KeySource,
  mayHaveSigned,
  type VerifyingKey,
} from './key-source.js';
import { readKeys } from './read-keys.js';

export interface KeyFileOptions {
  path: string;
  /** How often it is looked at again. */
  rereadMs: number;
  log: Logger;
}

/**
 * Keys in a file, read again when it changes: new keys are added before they are used, old ones taken out when the
 * last token that they signed has expired. A file that became unreadable changes nothing, and is complained of.
 */
export class KeyFile implements KeySource, Service {
  readonly name = 'join keys';
  algorithms: ReadonlySet<Algorithm> = new Set();
  private keys: VerifyingKey[] = [];
  private text: string | undefined;
  private readonly rereading: Periodic;

  constructor(private readonly options: KeyFileOptions) {
    const { rereadMs: everyMs, log } = options;
    this.rereading = new Periodic({ name: this.name, everyMs, log }, () => this.reread());
  }

  /** Throws ConfigError when there is nothing to begin with. */
  async start(): Promise<void> {
    try {
      await this.read();
    } catch (error) {
      throw new ConfigError([`MANYCAST_JOIN_KEYS_FILE: ${this.options.path}: ${(error as Error).message}`]);
    }
    await this.rereading.start();
  }

  stop(): Promise<void> {
    return this.rereading.stop();
  }

  async keysFor(header: Header): Promise<readonly VerifyingKey[]> {
    return this.keys.filter(mayHaveSigned(header));
  }

  private async reread(): Promise<void> {
    const { log, path } = this.options;
    await this.read().catch(error =>
      log.error({ err: error, path }, 'join keys not read; the old ones stay'),
    );
  }

  private async read(): Promise<void> {
    const text = await readFile(this.options.path, 'utf8');
    if (text === this.text) return;
    this.keys = await readKeys(text);
    this.algorithms = new Set(this.keys.map(({ algorithm }) => algorithm));
    this.text = text;
    this.options.log.info(
      { keys: this.keys.map(({ id, algorithm }) => `${algorithm} ${id ?? '-'}`) },
      'join keys read',
    );
  }
}
