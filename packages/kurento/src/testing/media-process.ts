import { createLogger, createRegistry, type Registry } from '@manycast/runtime';
import { waitFor } from '../../../../test/support/wait-for.js';
import { createKurentoMedia, type KurentoMedia } from '../index.js';
import { CountingProxy } from './counting-proxy.js';

const links = 2;

/** As much of a process of ours as a media server sees: its links, each with a session of its own. */
export class MediaProcess {
  private constructor(
    readonly proxy: CountingProxy,
    readonly media: KurentoMedia,
    readonly registry: Registry,
  ) {}

  static async start(target: string): Promise<MediaProcess> {
    const proxy = await CountingProxy.start(target);
    const registry = createRegistry();
    const media = createKurentoMedia({
      log: createLogger({ name: 'test', level: 'silent' }),
      registry,
      linksPerServer: links,
      timings: { retryBaseMs: 20, retryMaxMs: 50, retries: 10_000 },
    });
    const process = new MediaProcess(proxy, media, registry);
    await media.open(proxy.url, { timeoutMs: 10_000 });
    await process.linksAreUp();
    proxy.requests.length = 0;
    return process;
  }

  get server() {
    return this.proxy.url;
  }

  get inspector() {
    return this.media.inspector;
  }

  get methods(): string[] {
    return this.proxy.requests.map(({ method }) => method);
  }

  async linksAreUp(): Promise<void> {
    await waitFor(
      'every link to be up',
      async () => (await this.metric('manycast_media_links_up')) === links + 1,
    );
  }

  async metric(name: string): Promise<number> {
    const { values } = (await this.registry.getSingleMetric(name)?.get()) ?? { values: [] };
    return values.reduce((sum, { value }) => sum + value, 0);
  }

  /** No goodbye reaches the server. */
  async kill(): Promise<void> {
    this.vanish();
    await this.media.close();
    await this.proxy.stop();
  }

  /** The sockets are gone and none can be made; the process goes on. */
  vanish(): void {
    this.proxy.isClosed = true;
    this.proxy.cut();
  }

  reappear(): void {
    this.proxy.isClosed = false;
  }
}
