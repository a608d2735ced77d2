import type { ProblemName, ProblemPointer } from '../kernel/problem.ts';
import type { Decision } from '../message/claims.ts';
import type { Finding } from '../message/diagnose-message.ts';
import { type CheckCode, checks } from './checks.ts';

/** How one check came out; `skipped` when it was not made, or what it looks at is missing. */
export type CheckResult = {
  readonly code: CheckCode;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** What was wrong and what would be right, without a part of the message. */
  readonly detail?: string;
  readonly errors?: readonly ProblemPointer[];
};

/** What a message comes to, and why: every check of the table, in its order. */
export type Diagnosis = {
  /**
   * `refused`: a check failed; `sent-on`: the agency is asked; `stands`: the inquiry stands already, and
   * is answered for again.
   */
  readonly outcome: 'refused' | 'sent-on' | 'stands';
  /** The first check that failed, and what the message is refused as. */
  readonly check?: CheckCode;
  readonly problem?: ProblemName;
  readonly decision?: Decision;
  readonly checks: readonly CheckResult[];
};

/** Every check of the table, those without a finding as skipped. */
export const resultsOf = (findings: ReadonlyMap<CheckCode, Finding>): readonly CheckResult[] =>
  [...checks.keys()].map((code) => ({ code, ...(findings.get(code) ?? { result: 'skipped' }) }));

/** The first check of these that failed, and its problem. */
export const firstFailed = (
  results: readonly CheckResult[],
): Pick<Diagnosis, 'check' | 'problem'> => {
  const code = results.find(({ result }) => result === 'failed')?.code;
  const problem = code === undefined ? undefined : checks.get(code)?.problem;
  return code === undefined || problem === undefined ? {} : { check: code, problem };
};

/**
 * Every check of a message of which only the one is known that it was refused for: those before it
 * passed, or were not needed, and those after it were not made.
 */
export const refusedAt = (
  failed: CheckCode,
  errors: readonly ProblemPointer[] = [],
): readonly CheckResult[] => {
  const codes = [...checks.keys()];
  const at = codes.indexOf(failed);
  return codes.map((code, n): CheckResult => {
    if (n < at) return { code, result: 'passed' };
    if (n > at) return { code, result: 'skipped' };
    const detail = checks.get(code)?.en;
    return {
      code,
      result: 'failed',
      ...(detail !== undefined && { detail }),
      ...(errors.length > 0 && { errors }),
    };
  });
};

/** Every check of a message that passed all of them up to one, that one included. */
export const passedUntil = (last: CheckCode): readonly CheckResult[] => {
  const codes = [...checks.keys()];
  const at = codes.indexOf(last);
  return codes.map((code, n) => ({ code, result: n <= at ? 'passed' : 'skipped' }));
};
