import { createLogger, loadConfig, onTermination, runMain } from '@manycast/runtime';
import { startEmbeddedMedia } from './compose.js';
import { configSchema } from './config.js';

await runMain(async env => {
  const config = loadConfig(configSchema, env);
  const log = createLogger({ name: 'embedded-media', level: config.logLevel });
  const server = await startEmbeddedMedia(config, log);
  onTermination(() => server.stop(), { log, deadlineMs: 2_000 });
});
