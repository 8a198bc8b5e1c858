import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['source', 'import', 'module', 'node', 'default'] };
/** Real processes take their time on a computer that does other things too: what has to come is waited for. */
const patience = { poll: { timeout: 20_000 } };
const ssr = {
  resolve: { conditions: resolve.conditions, externalConditions: ['node', 'import', 'default'] },
};

export default defineConfig({
  resolve,
  ssr,
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'tools/**/*.test.ts',
            'proof/**/*.test.ts',
            'bench/**/*.test.ts',
          ],
          exclude: ['**/*.contract.test.ts', '**/node_modules/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'contract',
          globalSetup: 'tools/vitest-worker.ts',
          sequence: { groupOrder: 1 },
          include: [
            'packages/*/src/**/*.contract.test.ts',
            'tools/**/*.contract.test.ts',
            'examples/**/*.test.ts',
            'proof/**/*.contract.test.ts',
          ],
          expect: patience,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          // Browsers and media share whatever computer this is: a failure counts when it repeats.
          retry: 1,
          globalSetup: 'tools/vitest-worker.ts',
          sequence: { groupOrder: 2 },
          include: ['e2e/**/*.test.ts'],
          expect: patience,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
