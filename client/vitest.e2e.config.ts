import { defineConfig } from 'vitest/config';

// One browser and one server for all: what runs at once would only make each other slow.
export default defineConfig(({ mode }) => ({
  test: {
    environment: 'node',
    include: [mode === 'screenshots' ? 'scripts/screenshots.ts' : 'e2e/**/*.test.ts'],
    globalSetup: ['e2e/support/globalSetup.ts'],
    fileParallelism: false,
    maxWorkers: 1,
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 90_000,
  },
}));
