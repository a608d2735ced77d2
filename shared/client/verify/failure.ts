/** The classes of what a verification can find wrong. */
export const failures = {
  fork: 'the log is inconsistent with an earlier checkpoint',
  tree: 'an inclusion or the tree is wrong: something was altered, removed or reordered',
  receipt: 'a receipt has no leaf in the log',
  message: "a message's signature, its key or what it is bound to is wrong",
  census: 'a census is not what the log holds, or an export has other rows than it counts',
  order: 'leaves are out of order, late without saying so, or there twice',
  gap: 'numbers or statements are missing, which --complete asks for',
  unsigned: "the log's signature or the policy's quorum is missing",
  malformed: 'an input or a leaf does not have its form',
  unreadable: 'an input cannot be read',
} as const;

export type Failure = keyof typeof failures;

/** The most serious first: a fork convicts the log by its own signatures. */
export const bySeriousness = [
  'fork',
  'tree',
  'receipt',
  'message',
  'census',
  'order',
  'gap',
  'unsigned',
  'malformed',
  'unreadable',
] as const satisfies readonly Failure[];

/**
 * What was looked at, and what came of it; what was not looked at is said as well. What is `noted` is
 * not as it should be, and convicts nobody.
 */
export type Check =
  | {
      readonly check: string;
      readonly result: 'passed' | 'skipped' | 'noted';
      readonly detail: string;
    }
  | {
      readonly check: string;
      readonly result: 'failed';
      readonly failure: Failure;
      readonly detail: string;
    };

export const passed = (check: string, detail: string): Check => ({
  check,
  result: 'passed',
  detail,
});

export const skipped = (check: string, detail: string): Check => ({
  check,
  result: 'skipped',
  detail,
});

export const noted = (check: string, detail: string): Check => ({
  check,
  result: 'noted',
  detail,
});

export const failed = (check: string, failure: Failure, detail: string): Check => ({
  check,
  result: 'failed',
  failure,
  detail,
});

/** The most serious failure among checks; undefined when none failed. */
export const worstOf = (checks: readonly Check[]): Failure | undefined =>
  bySeriousness.find((failure) =>
    checks.some((one) => one.result === 'failed' && one.failure === failure),
  );
