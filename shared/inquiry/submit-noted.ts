import { Problem } from '../kernel/problem.ts';
import { counterOf } from '../message/claims.ts';
import type { VerifiedRequest } from '../message/receive.ts';
import type { Exchange } from './exchange.ts';
import type { Briefly } from './ports.ts';
import { noteOf } from './refusal-notes.ts';
import type { Settled } from './settled.ts';
import { type InquiryCall, submitInquiry } from './submit.ts';

type NotedCall = Omit<InquiryCall, 'verified'> & {
  /** What the answer will name the request. */
  readonly request: string;
};

/**
 * {@link submitInquiry}, with a note of why for whoever is refused (`GET /v1/diagnoses/{id}`). Nothing is
 * noted of a message whose signature does not hold, and no answer is another one for its note.
 */
export const submitNoted =
  (exchange: Exchange, briefly: Briefly) =>
  async ({ request, ...call }: NotedCall): Promise<Settled> => {
    const { refusals, now } = exchange;
    const held = new Set<VerifiedRequest>();
    const note = async (problem: Problem, cause?: string): Promise<void> => {
      const [claims] = [...held].map((one) => one.claims);
      const readers = claims === undefined ? [] : [claims.iss, counterOf(claims)];
      const known = { request, readers, inquiry: claims?.inq.id, cause };
      const written = noteOf(problem, known, now());
      if (written !== undefined) await briefly(refusals.put(written));
    };
    try {
      const verified = (one: VerifiedRequest): unknown => held.add(one);
      const settled = await submitInquiry(exchange)({ ...call, verified });
      if (settled.problem !== undefined) await note(settled.problem, settled.facts.cause);
      return settled;
    } catch (error) {
      if (error instanceof Problem) await note(error);
      throw error;
    }
  };
