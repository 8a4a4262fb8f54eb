import { Worker } from 'bullmq';

// A worker in a process of its own that begins an expiry, says so, and never ends it: to be killed. Plain JavaScript,
// so that it runs without a build.
const [url, prefix, queueName] = process.argv.slice(2);
const worker = new Worker(
  queueName,
  job => {
    process.stdout.write(`begun ${job.data.session}\n`);
    return new Promise(() => {});
  },
  { prefix, connection: { url, maxRetriesPerRequest: null }, lockDuration: 1_000, stalledInterval: 500 },
);
await worker.waitUntilReady();
process.stdout.write('ready\n');
