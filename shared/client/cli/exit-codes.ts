import { bySeriousness, type Failure, failures } from '../verify/failure.ts';

/** The exit code of each class of failure; 0 is for all right, 2 for a wrong command line. */
export const exitCodes = {
  unreadable: 3,
  malformed: 4,
  unsigned: 5,
  tree: 6,
  fork: 7,
  message: 8,
  receipt: 9,
  order: 10,
  census: 14,
  gap: 15,
} as const satisfies Readonly<Record<Failure, number>>;

export const usageCode = 2;

/** The log verifies, and a decision in it is not what its registry leads to, or a quota was exceeded. */
export const differentCode = 11;

/** The message that was looked at would be refused. */
export const refusedCode = 13;

/** What was asked cannot be told from what was read. */
export const untoldCode = 12;

export const exitCodeOf = (failure: Failure | undefined): number =>
  failure === undefined ? 0 : exitCodes[failure];

/** The exit codes as the help lists them. */
export const exitCodeHelp = (): string =>
  [
    'Exit codes (of several failures the most serious decides, in the order 7 6 9 8 14 10 15 5 4 3):',
    '  0   everything that was checked is right',
    `  ${usageCode}   the command line is wrong`,
    ...bySeriousness
      .toSorted((a, b) => exitCodes[a] - exitCodes[b])
      .map((failure) => `  ${String(exitCodes[failure]).padEnd(3)} ${failures[failure]}`),
  ].join('\n');
