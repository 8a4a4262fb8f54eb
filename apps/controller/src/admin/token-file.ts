import { readFile } from 'node:fs/promises';
import { ConfigError, environmentName, type Logger } from '@manycast/runtime';
import { type Caller, Callers } from './caller.js';

/** The tokens' file, read again while the process runs: a token is given and taken without a restart. */
export class TokenFile {
  private constructor(
    private readonly path: string,
    private text: string,
    private callers: Callers,
    private readonly log: Logger,
  ) {}

  /** Throws ConfigError with everything that is wrong with the file. */
  static async open(path: string, log: Logger): Promise<TokenFile> {
    const name = environmentName('adminTokensFile');
    const text = await readFile(path, 'utf8').catch(error => {
      throw new ConfigError([`${name}: cannot be read: ${error.message}`]);
    });
    const { callers, problems } = Callers.parse(text);
    if (problems.length > 0) throw new ConfigError(problems.map(problem => `${name}: ${path}, ${problem}`));
    return new TokenFile(path, text, callers, log);
  }

  find(token: string): Caller | undefined {
    return this.callers.find(token);
  }

  /** A file that has become unreadable or wrong changes nothing: nobody is let in or shut out by an accident. */
  async refresh(): Promise<void> {
    const text = await readFile(this.path, 'utf8');
    if (text === this.text) return;
    this.text = text;
    const { callers, problems } = Callers.parse(text);
    if (problems.length > 0) return this.log.error({ problems }, 'admin tokens are not taken over');
    this.callers = callers;
    this.log.info('admin tokens read again');
  }
}
