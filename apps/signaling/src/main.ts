import { loadConfig, onTermination, runMain } from '@manycast/runtime';
import { compose } from './compose.js';
import { configSchema } from './config.js';

await runMain(async env => {
  const config = loadConfig(configSchema, env);
  const node = await compose(config);
  onTermination(node.stop, { log: node.log, deadlineMs: config.stopDeadlineMs });
});
