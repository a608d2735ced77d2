import type { Reporter, TestCase, TestModule } from 'vitest/node';

type Skipped = { readonly test: string; readonly reason: string | undefined };

export type Summary = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly Skipped[];
};

const nameOf = (test: TestCase): string => `${test.module.relativeModuleId} > ${test.fullName}`;

const reasonOf = (test: TestCase): string | undefined => {
  const result = test.result();
  return result.state === 'skipped' ? result.note : undefined;
};

/** A file that cannot be loaded and a suite whose hook throws have no failed test of their own: each counts as one. */
const brokenSuites = (module: TestModule): number =>
  [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0).length;

/** Counts a run; a test that did not finish has failed, and so has an error outside every test. */
export const summarise = (modules: readonly TestModule[], errorsOutsideTests: number): Summary => {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const inState = (...states: readonly string[]): readonly TestCase[] =>
    tests.filter((test) => states.includes(test.result().state));
  const broken = modules.reduce((count, module) => count + brokenSuites(module), 0);
  return {
    passed: inState('passed').length,
    failed: inState('failed', 'pending').length + broken + errorsOutsideTests,
    skipped: inState('skipped').map((test) => ({ test: nameOf(test), reason: reasonOf(test) })),
  };
};

/** `12 passed, 0 failed`, and `, 3 skipped` when there are any. */
export const summaryLine = ({ passed, failed, skipped }: Summary): string =>
  `${passed} passed, ${failed} failed${skipped.length === 0 ? '' : `, ${skipped.length} skipped`}`;

/** Names what was skipped and why, so that nobody takes a run with holes for a whole one. */
export const skippedLines = ({ skipped }: Summary): readonly string[] =>
  skipped.map(({ test, reason }) => `SKIPPED ${test}: ${reason ?? 'no reason given'}`);

/** Ends the output with the summary line, after everything vitest has to say; a run without a test has failed. */
export const summaryReporter = (): Reporter => {
  let summary: Summary = { passed: 0, failed: 0, skipped: [] };
  let filteredByName = false;
  return {
    onInit: (vitest) => {
      filteredByName = vitest.config.testNamePattern !== undefined;
      process.once('exit', () => {
        const skipped = filteredByName ? [] : skippedLines(summary);
        process.stdout.write(`${[...skipped, summaryLine(summary)].join('\n')}\n`);
        if (summary.failed > 0 || summary.passed === 0) process.exitCode = 1;
      });
    },
    onTestRunEnd: (modules, unhandledErrors) => {
      summary = summarise(modules, unhandledErrors.length);
    },
  };
};
