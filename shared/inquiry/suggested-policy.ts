import { formatPolicy, type Policy } from '../audit/tlog/policy.ts';
import { formatVerifierKey } from '../audit/tlog/verifier-key.ts';

/** A policy that its reader was handed by the very party it is to judge proves nothing. */
const warning = [
  '# What the operator of this log suggests (https://c2sp.org/tlog-policy).',
  '# Do not trust these keys because they stand here: take the keys of the log and of its witnesses',
  '# from somewhere else, for example from the witnesses themselves, and compare.',
];

/** The policy that an operator suggests, as a file. */
export const suggestedPolicy = (policy: Policy): string =>
  `${warning.join('\n')}\n${formatPolicy(policy, formatVerifierKey)}`;
