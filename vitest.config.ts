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
    // More than the cores of a small machine: the longest tests wait for processes and for time to pass.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { requireAssertions: true },
    reporters: ['default', summaryReporter()],
  },
});
