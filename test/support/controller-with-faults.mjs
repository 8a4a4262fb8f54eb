// apps/controller as its main.ts starts it, with the faults named on the command line composed in.
import { loadConfig, onTermination, runMain } from '@manycast/runtime';
import { compose } from '../../apps/controller/dist/compose.js';
import { configSchema } from '../../apps/controller/dist/config.js';
import { failpointFrom } from './faults.mjs';

await runMain(async env => {
  const config = loadConfig(configSchema, env);
  const app = await compose(config, failpointFrom(process.argv.slice(2)));
  onTermination(app.stop, { log: app.log, deadlineMs: config.stopDeadlineMs });
});
