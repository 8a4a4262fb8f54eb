import { loadConfig, onTermination, runMain } from '@manycast/runtime';
import { compose } from './compose.js';
import { configSchema } from './config.js';

await runMain(async env => {
  const config = loadConfig(configSchema, env);
  const controller = await compose(config);
  onTermination(controller.stop, { log: controller.log, deadlineMs: config.stopDeadlineMs });
});
