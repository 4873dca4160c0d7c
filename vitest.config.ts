import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Applications import the library by its public name; tests run it from its sources.
  resolve: { alias: { 'treadle/testing': fileURLToPath(new URL('src/testing/index.ts', import.meta.url)) } },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'console/src/**/*.test.ts'],
    globalSetup: ['test/build-once.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Many tests wait for processes that they started: one worker more than cores keeps the cores busy.
    maxWorkers: 3,
  },
});
