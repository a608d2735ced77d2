import { writeLimits } from '#shared/api/limit-fields.ts';
import { submitNoted } from '#shared/inquiry/submit-noted.ts';
import { briefly } from '../runtime/briefly.ts';
import { lambda, type MakeAnswers } from '../runtime/lambda.ts';

export const answers: MakeAnswers = (exchange) => ({
  submitInquiry: async ({ body, traceparent, requestId: request, timing: { timed } }) => {
    const text = body();
    const submit = submitNoted(await exchange(), briefly);
    const settled = await submit({ request, text, traceparent, timed });
    const { receipt, answer, facts, problem, limits = [] } = settled;
    return {
      body: { type: 'application/json', json: { receipt, answer } },
      headers: writeLimits(limits),
      inquiry: facts,
      ...(problem !== undefined && { problem }),
    };
  },
});

export const handler = lambda(answers);
