import { parseArgs } from 'node:util';
import { ConfigError, createLogger, loadConfig, onTermination, runMain } from '@manycast/runtime';
import { type FailOptions, startEmbeddedMedia } from './compose.js';
import { configSchema } from './config.js';
import { parseFailOrder } from './failures/fail-order.js';

await runMain(async env => {
  const failing = readFlags();
  const config = loadConfig(configSchema, env);
  const log = createLogger({ name: 'embedded-media', level: config.logLevel });
  const server = await startEmbeddedMedia(config, log, failing);
  onTermination(() => server.stop(), { log, deadlineMs: 2_000 });
});

/** For tests alone, so no setting of the environment can turn it on: `--fail ORDER …`, `--take-fail-orders`. */
function readFlags(): FailOptions {
  try {
    const { values } = parseArgs({
      options: {
        fail: { type: 'string', multiple: true, default: [] },
        'take-fail-orders': { type: 'boolean', default: false },
      },
    });
    return { fail: values.fail.map(parseFailOrder), takesOrders: values['take-fail-orders'] };
  } catch (error) {
    throw new ConfigError([error instanceof Error ? error.message : String(error)]);
  }
}
