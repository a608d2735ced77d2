import type { Outcome } from '#events/outcome.ts';
import type { LimitState } from '../kernel/limit-state.ts';
import type { Problem } from '../kernel/problem.ts';
import { counterOf, delegateOf } from '../message/claims.ts';
import type { Answered, Asked } from './record.ts';

/** What a log line may say of an inquiry: codes and organisations, never a person. */
export type InquiryFacts = {
  readonly inquiryId: string;
  /** The counter that was asked for. */
  readonly counter: string;
  /** Whoever signed in the counter's place. */
  readonly by?: string;
  readonly service: string;
  readonly outcome: Outcome;
  readonly rule: string;
  /** Milliseconds the agency took; 0 when it was not asked. */
  readonly agencyTime: number;
  readonly retry: boolean;
  /** Why an agency's answer was not accepted, as a code. */
  readonly cause?: string;
};

/** What became of an inquiry. `problem` is set when the outcome is not an answer. */
export type Settled = {
  readonly facts: InquiryFacts;
  readonly receipt: string;
  /** The agency's token with the disclosures that are passed on. */
  readonly answer?: string;
  readonly problem?: Problem;
  /** How the quotas stand that it was counted on; none for a retry. */
  readonly limits?: readonly LimitState[];
};

export const factsOf = (
  intent: Asked,
  outcome: Answered,
  rest: Pick<InquiryFacts, 'retry' | 'agencyTime' | 'cause'>,
): InquiryFacts => {
  const { claims, event } = intent;
  const by = delegateOf(claims);
  return {
    inquiryId: event.id,
    counter: counterOf(claims),
    ...(by !== undefined && { by }),
    service: claims.inq.service,
    outcome: outcome.event.out,
    rule: event.dec.rule,
    ...rest,
  };
};
