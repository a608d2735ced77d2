import { defineConfig } from 'vitest/config';
import { summaryReporter } from './tests/support/summary-reporter.ts';

export default defineConfig({
  test: {
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
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts'],
          // What they test is pure: a process goes from one file to the next, and loads modules once.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'rest',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/unit/**', 'tests/bench/**'],
        },
      },
    ],
  },
});
