import type { Outcome } from '#events/outcome.ts';
import { Problem, type ProblemExtras } from '../kernel/problem.ts';
import { isRule, rules } from '../registry/decide.ts';
import { inquiryRefusal, isDenying, policyCheck } from './checks.ts';

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
      return new Problem('policy-denied', isRule(rule) ? rules[rule] : 'Denied by policy.', {
        ...extras,
        ...(isRule(rule) && isDenying(rule) && { check: policyCheck(rule) }),
      });
    case 'SOURCE_UNAVAILABLE':
      return inquiryRefusal('agency-reached', 'The agency could not be asked; ask later.', extras);
    case 'TIMEOUT':
      return inquiryRefusal('agency-in-time', 'The agency did not answer within its time.', extras);
    case 'INVALID_ANSWER': {
      const said = "The agency's answer failed verification; none of it is passed on.";
      return inquiryRefusal('agency-answer', said, extras);
    }
    case 'ABORTED': {
      const said = 'The inquiry was closed before its answer was recorded; nothing was released.';
      return inquiryRefusal('agency-in-time', said, extras);
    }
  }
};
