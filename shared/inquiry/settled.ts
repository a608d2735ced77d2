import type { Outcome } from '#events/outcome.ts';
import type { Problem } from '../kernel/problem.ts';
import type { Answered, Asked } from './record.ts';

/** What a log line may say of an inquiry: codes and organisations, never a person. */
export type InquiryFacts = {
  readonly inquiryId: string;
  readonly counter: string;
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
};

export const factsOf = (
  intent: Asked,
  outcome: Answered,
  rest: Pick<InquiryFacts, 'retry' | 'agencyTime' | 'cause'>,
): InquiryFacts => ({
  inquiryId: intent.event.id,
  counter: intent.claims.iss,
  service: intent.claims.inq.service,
  outcome: outcome.event.out,
  rule: intent.event.dec.rule,
  ...rest,
});
