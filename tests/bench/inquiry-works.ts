import type { Question, SignedRequest } from '#shared/client/sign-request.ts';
import type { Exchange } from '#shared/inquiry/exchange.ts';
import type { Timed } from '#shared/inquiry/ports.ts';
import { submitInquiry } from '#shared/inquiry/submit.ts';
import { inParallel, type Work } from './measure.ts';

export const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

export const untimed: Timed = (_step, work) => work();

export type InquiryOptions = {
  readonly exchange: Exchange;
  readonly sign: (question: Question) => Promise<SignedRequest>;
  readonly items: number;
  readonly concurrency: number;
};

/** Whole inquiries as a function makes them, without HTTP before it. They are signed beforehand. */
export const inquiryWork = (name: string, question: Question, options: InquiryOptions): Work => {
  const { exchange, sign, items, concurrency } = options;
  const submit = submitInquiry(exchange);
  const ask = async (text: string): Promise<void> => {
    const { problem, facts } = await submit({ text, traceparent, timed: untimed });
    if (problem !== undefined) throw new Error(`${problem.name}: ${facts.cause ?? facts.rule}`);
  };
  return {
    name,
    prepare: async () => {
      const tokens: string[] = [];
      for (let n = 0; n < items; n += 1) tokens.push((await sign(question)).token);
      return { items, run: () => inParallel(concurrency, tokens, ask) };
    },
  };
};
