import { type TestContext, test } from 'vitest';
import { type EmbeddedMedia, startEmbeddedMedia } from '../support/embedded-media.js';
import { kmsCollectorPeriodMs, kmsUrl } from '../support/environment.js';
import { KurentoSocket } from '../support/kurento-rpc.js';
import { KurentoSession } from '../support/kurento-session.js';
import { ObjectWatch } from '../support/object-watch.js';

/** Kurento's shortest sane period: it keeps the waits of the collection cases at 4 to 8 s. */
const EMBEDDED_COLLECTOR_PERIOD_MS = 4_000;
/** Above this, waiting for three periods is not worth a test run. */
const SHORT_PERIOD_MS = 10_000;

/** The server that a file of cases runs against. */
export interface Subject {
  url: string;
  collectorPeriodMs: number;
  /** The embedded server's process; none where KMS_URL names a real server. */
  embedded: EmbeddedMedia | undefined;
}

/** What one case may use; all of it is undone when the case ends. */
export class KmsCase {
  readonly #sockets: KurentoSocket[] = [];
  readonly #undo: (() => unknown)[] = [];

  constructor(readonly subject: Subject) {}

  get url(): string {
    return this.subject.url;
  }

  get isReal(): boolean {
    return this.subject.embedded === undefined;
  }

  get periodMs(): number {
    return this.subject.collectorPeriodMs;
  }

  async socket(): Promise<KurentoSocket> {
    const socket = await KurentoSocket.open(this.url);
    this.#sockets.push(socket);
    return socket;
  }

  /** On a socket of its own: a new session, or one that is taken over. */
  async session(sessionId?: string): Promise<KurentoSession> {
    return KurentoSession.connect(await this.socket(), sessionId);
  }

  async watch(): Promise<ObjectWatch> {
    return ObjectWatch.start(await this.session());
  }

  atEnd(undo: () => unknown): void {
    this.#undo.push(undo);
  }

  /** Releases every root object that replies of this case named, so that a real server is left as it was. */
  async end(): Promise<void> {
    for (const undo of this.#undo.reverse()) await undo();
    const named = JSON.stringify(this.#sockets.flatMap(socket => socket.replies));
    const pipelines = new Set(named.match(/[\w-]+_kurento\.MediaPipeline/g));
    if (pipelines.size > 0) {
      const cleaner = await KurentoSession.open(this.url);
      for (const pipeline of pipelines) await cleaner.release(pipeline);
      await cleaner.socket.close();
    }
    await Promise.all(this.#sockets.map(socket => socket.drop()));
  }
}

/** `test` with a server behind it: `kmsCase('…', async ({ kms }) => …)`. */
export const kmsCase = test.extend<{ $file: { subject: Subject }; $test: { kms: KmsCase } }>({
  subject: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures that are needed from the pattern
    async ({}, use) => {
      if (kmsUrl) {
        await use({ url: kmsUrl, collectorPeriodMs: kmsCollectorPeriodMs, embedded: undefined });
        return;
      }
      const embedded = await startEmbeddedMedia({ collectorPeriodMs: EMBEDDED_COLLECTOR_PERIOD_MS });
      await use({ url: embedded.url, collectorPeriodMs: EMBEDDED_COLLECTOR_PERIOD_MS, embedded });
      const exit = await embedded.process.stop();
      if (exit.code !== 0)
        throw new Error(`${embedded.process.name} did not stop in order: ${JSON.stringify(exit)}`);
    },
    { scope: 'file' },
  ],
  kms: async ({ subject, onTestFailed }, use) => {
    const kms = new KmsCase(subject);
    onTestFailed(() => {
      if (!subject.embedded) return;
      const { name, log } = subject.embedded.process;
      process.stderr.write(`--- last lines of the ${name}\n${log.tail(15)}\n`);
    });
    await use(kms);
    await kms.end();
  },
});

type SkippableContext = Pick<TestContext, 'task' | 'skip'>;

/** Marks a case that cannot run here: reported with its reason, never silently absent. */
export function notRun(context: SkippableContext, reason: string): never {
  process.stdout.write(`not run: ${context.task.name}: ${reason}\n`);
  return context.skip(reason);
}

export function needsShortPeriod(kms: KmsCase, context: SkippableContext): void {
  if (kms.periodMs <= SHORT_PERIOD_MS) return;
  notRun(context, `needs a short collection period (this server's is ${kms.periodMs} ms)`);
}
