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
  soak: { testTimeout: 1_200_000 },
  faults: { testTimeout: 300_000 },
  chaos: { testTimeout: 3_600_000 },
};
/** These start whole processes, on ports that were free a moment before, and measure media: one file at a time. */
const alone = new Set([
  'redis',
  'kms',
  'cluster',
  'e2e',
  'containers',
  'soak',
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
          include: everywhere('test.ts'),
          exclude: [
            '**/node_modules/**',
            '**/dist/**',
            ...Object.keys(suites).map(name => `**/*.${name}.test.ts`),
          ],
        },
      },
      ...Object.entries(suites).map(([name, options]) => ({
        resolve,
        ssr,
        test: {
          name,
          include: everywhere(`${name}.test.ts`),
          hookTimeout: options.testTimeout,
          fileParallelism: !alone.has(name),
          ...options,
        },
      })),
    ],
  },
});
