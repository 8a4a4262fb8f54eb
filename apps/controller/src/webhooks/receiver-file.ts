import { readFile } from 'node:fs/promises';
import { ConfigError, type Logger } from '@manycast/runtime';
import { fileSetting, parseReceivers, type Receiver } from './receiver.js';

/** The receivers' file, read again while the process runs: receivers come, change and go without a restart. */
export class ReceiverFile {
  private isReadable = true;

  private constructor(
    private readonly path: string,
    private text: string,
    private receivers: readonly Receiver[],
    private readonly log: Logger,
  ) {}

  /** Throws ConfigError with everything that is wrong with the file. */
  static async open(path: string, log: Logger): Promise<ReceiverFile> {
    const text = await readFile(path, 'utf8').catch(error => {
      throw new ConfigError([`${fileSetting}: cannot be read: ${error.message}`]);
    });
    const { receivers, problems } = parseReceivers(text);
    if (problems.length > 0)
      throw new ConfigError(problems.map(problem => `${fileSetting}: ${path}, ${problem}`));
    return new ReceiverFile(path, text, receivers, log);
  }

  all(): readonly Receiver[] {
    return this.receivers;
  }

  find(wanted: string): Receiver | undefined {
    return this.receivers.find(({ id }) => id === wanted);
  }

  /** A file that has become unreadable or wrong changes nothing. */
  async refresh(): Promise<void> {
    const text = await readFile(this.path, 'utf8').catch(error => {
      if (this.isReadable) this.log.error({ err: error }, 'webhook receivers cannot be read');
      return undefined;
    });
    this.isReadable = text !== undefined;
    if (text === undefined || text === this.text) return;
    this.text = text;
    const { receivers, problems } = parseReceivers(text);
    if (problems.length > 0) return this.log.error({ problems }, 'webhook receivers are not taken over');
    this.receivers = receivers;
    this.log.info({ receivers: receivers.map(({ id }) => id) }, 'webhook receivers read again');
  }
}
