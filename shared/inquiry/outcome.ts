import type { Outcome } from '#events/outcome.ts';
import { Problem, type ProblemExtras } from '../kernel/problem.ts';
import { isRule, rules } from '../registry/decide.ts';

/**
 * The refusal that an outcome is told as; undefined for the outcomes that are answers. "The source is
 * down" must never read as "no match".
 */
export const problemOf = (
  outcome: Outcome,
  rule: string,
  extras: ProblemExtras,
): Problem | undefined => {
  switch (outcome) {
    case 'MATCH':
    case 'NO_MATCH':
    case 'FOUND':
    case 'NOT_FOUND':
    case 'INDETERMINATE':
    case 'REFUSED':
    case 'PENDING':
      return undefined;
    case 'DENIED':
      return new Problem('policy-denied', isRule(rule) ? rules[rule] : 'Denied by policy.', extras);
    case 'SOURCE_UNAVAILABLE':
      return new Problem('agency-unavailable', 'The agency could not be asked; ask later.', extras);
    case 'TIMEOUT':
      return new Problem('agency-timeout', 'The agency did not answer within its time.', extras);
    case 'INVALID_ANSWER':
      return new Problem(
        'agency-response-invalid',
        "The agency's answer failed verification; none of it is passed on.",
        extras,
      );
    case 'ABORTED':
      return new Problem(
        'agency-timeout',
        'The inquiry was closed before its answer was recorded; nothing was released.',
        extras,
      );
  }
};
