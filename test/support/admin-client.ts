import type { Json } from './kurento-rpc.js';

/** What an operator does with `curl`. */
export class AdminClient {
  constructor(
    readonly url: string,
    private readonly token?: string,
  ) {}

  withToken = (token: string) => new AdminClient(this.url, token);

  /** The body, whatever the status is; `status` is that of the answer. */
  async ask(method: string, path: string, body?: object): Promise<{ status: number; body: Json }> {
    const response = await fetch(`${this.url}/v1${path}`, {
      method,
      headers: {
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  /** Throws unless it was carried out. */
  async get(path: string): Promise<Json> {
    return this.#successOf('GET', path);
  }

  /** Likewise. */
  async order(path: string, body?: object): Promise<Json> {
    return this.#successOf('POST', path, body);
  }

  async #successOf(method: string, path: string, body?: object): Promise<Json> {
    const answer = await this.ask(method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}
