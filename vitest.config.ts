import { defineConfig } from 'vitest/config';

// The suffix of a test file says what must be running for it. Workspace packages resolve to their sources
// (condition `source`), so unit tests need no build; processes started by cluster and e2e tests run from dist.
const resolve = { conditions: ['source'] };
// Not `import` or `module`: vitest hands these to Node as well, where `require` would then be given ES modules.
const ssr = { resolve: { conditions: ['source', 'node'] } };

/** Every suffix that is not a plain unit test. */
const suites = {
  redis: { testTimeout: 20_000 },
  kms: { testTimeout: 30_000 },
  conformance: { testTimeout: 60_000 },
  cluster: { testTimeout: 120_000 },
  e2e: { testTimeout: 120_000 },
  containers: { testTimeout: 300_000 },
  manifests: { testTimeout: 60_000 },
  fuzz: { testTimeout: 1_800_000 },
  soak: { testTimeout: 1_200_000 },
  faults: { testTimeout: 300_000 },
  chaos: { testTimeout: 3_600_000 },
};
/** These start whole processes and mostly wait for them: two files at a time. */
const inPairs = new Set(['cluster']);
/** These measure media, or what a server does in its time: one file at a time. */
const alone = new Set([
  'redis',
  'kms',
  'e2e',
  'containers',
  'soak',
  'fuzz',
  'faults',
  'chaos',
  'conformance',
]);
const everywhere = (suffix: string) => [
  `packages/*/src/**/*.${suffix}`,
  `apps/*/src/**/*.${suffix}`,
  `test/**/*.${suffix}`,
];

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          // They wait for timers and sockets about as long as they work.
          maxWorkers: 3,
          include: everywhere('test.ts'),
          exclude: [
            '**/node_modules/**',
            '**/dist/**',
            ...Object.keys(suites).map(name => `**/*.${name}.test.ts`),
          ],
        },
      },
      ...Object.entries(suites).map(([name, options], index) => ({
        resolve,
        ssr,
        test: {
          name,
          // One suite after the other: each has its own number of workers.
          sequence: { groupOrder: index + 1 },
          ...(inPairs.has(name) && { maxWorkers: 2 }),
          include: everywhere(`${name}.test.ts`),
          hookTimeout: options.testTimeout,
          fileParallelism: !alone.has(name),
          ...options,
        },
      })),
    ],
  },
});
