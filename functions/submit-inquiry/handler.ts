import { submitInquiry } from '#shared/inquiry/submit.ts';
import { lambda, type MakeAnswers } from '../runtime/lambda.ts';

export const answers: MakeAnswers = (exchange) => ({
  submitInquiry: async ({ body, traceparent, timing: { timed } }) => {
    const text = body();
    const settled = await submitInquiry(await exchange())({ text, traceparent, timed });
    const { receipt, answer, facts, problem } = settled;
    return {
      body: { type: 'application/json', json: { receipt, answer } },
      inquiry: facts,
      ...(problem !== undefined && { problem }),
    };
  },
});

export const handler = lambda(answers);
