import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

/** A test, or what stands for tests: a suite, a file, the run; and why it was skipped or has failed. */
type Noted = { readonly test: string; readonly reason: string | undefined };

export type Summary = {
  readonly passed: number;
  readonly failed: readonly Noted[];
  readonly skipped: readonly Noted[];
};

const nameOf = (test: TestCase): string => `${test.module.relativeModuleId} > ${test.fullName}`;

const reasonOf = (test: TestCase): string | undefined => {
  const result = test.result();
  return result.state === 'skipped' ? result.note : undefined;
};

const firstLine = (text: string | undefined): string | undefined => text?.split('\n', 1)[0];

const whyFailed = (test: TestCase): string | undefined => {
  const { state, errors } = test.result();
  return state === 'pending' ? 'it did not end' : firstLine(errors?.[0]?.message);
};

/** A file that cannot be loaded and a suite whose hook throws have no failed test of their own: each counts as one. */
const brokenSuites = (module: TestModule): readonly Noted[] =>
  [module, ...module.children.allSuites()]
    .filter((suite) => suite.errors().length > 0)
    .map((suite) => ({
      test:
        suite.type === 'module'
          ? suite.relativeModuleId
          : `${module.relativeModuleId} > ${suite.fullName}`,
      reason: firstLine(suite.errors()[0]?.message),
    }));

/** Counts a run; a test that did not finish has failed, and so has an error outside every test. */
export const summarise = (
  modules: readonly TestModule[],
  outsideTests: readonly SerializedError[],
): Summary => {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const inState = (...states: readonly string[]): readonly TestCase[] =>
    tests.filter((test) => states.includes(test.result().state));
  return {
    passed: inState('passed').length,
    failed: [
      ...inState('failed', 'pending').map((test) => ({
        test: nameOf(test),
        reason: whyFailed(test),
      })),
      ...modules.flatMap(brokenSuites),
      ...outsideTests.map(({ message }) => ({
        test: 'outside every test',
        reason: firstLine(message),
      })),
    ],
    skipped: inState('skipped').map((test) => ({ test: nameOf(test), reason: reasonOf(test) })),
  };
};

/** `12 passed, 0 failed`, and `, 3 skipped` when there are any. */
export const summaryLine = ({ passed, failed, skipped }: Summary): string =>
  `${passed} passed, ${failed.length} failed${skipped.length === 0 ? '' : `, ${skipped.length} skipped`}`;

const lines = (word: string, noted: readonly Noted[]): readonly string[] =>
  noted.map(({ test, reason }) => `${word} ${test}: ${reason ?? 'no reason given'}`);

/** Names what was skipped, so that nobody takes a run with holes for a whole one, and what has failed, where the end is all that was kept. */
export const notedLines = ({ skipped, failed }: Summary): readonly string[] => [
  ...lines('SKIPPED', skipped),
  ...lines('FAILED', failed),
];

/** Ends the output with the summary line, after everything vitest has to say; a run without a test has failed. */
export const summaryReporter = (): Reporter => {
  let summary: Summary = { passed: 0, failed: [], skipped: [] };
  let filteredByName = false;
  return {
    onInit: (vitest) => {
      filteredByName = vitest.config.testNamePattern !== undefined;
      process.once('exit', () => {
        const noted = notedLines(filteredByName ? { ...summary, skipped: [] } : summary);
        process.stdout.write(`${[...noted, summaryLine(summary)].join('\n')}\n`);
        if (summary.failed.length > 0 || summary.passed === 0) process.exitCode = 1;
      });
    },
    onTestRunEnd: (modules, unhandledErrors) => {
      summary = summarise(modules, unhandledErrors);
    },
  };
};
