// apps/signaling as its main.ts starts it, with the faults named on the command line composed in.
import { loadConfig, onTermination, runMain } from '@manycast/runtime';
import { compose } from '../../apps/signaling/dist/compose.js';
import { configSchema } from '../../apps/signaling/dist/config.js';
import { failpointFrom } from './faults.mjs';
import { removeFence } from './without-fence.mjs';

const words = process.argv.slice(2);
if (words.includes('without-fence')) removeFence();

await runMain(async env => {
  const config = loadConfig(configSchema, env);
  const app = await compose(config, failpointFrom(words.filter(word => word !== 'without-fence')));
  onTermination(app.stop, { log: app.log, deadlineMs: config.stopDeadlineMs });
});
