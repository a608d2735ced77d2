import { defineConfig } from 'vitest/config';
import { summaryReporter } from './tests/support/summary-reporter.ts';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/bench/**'],
    environment: 'node',
    globals: false,
    // Processes, not threads: the tests start servers and child processes, and set the environment.
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { requireAssertions: true },
    reporters: ['default', summaryReporter()],
  },
});
