import { authorize } from '#shared/api/authorize.ts';
import { receiverOf } from '#shared/inquiry/exchange.ts';
import { findInquiry } from '#shared/inquiry/find.ts';
import { proveInquiry } from '#shared/inquiry/prove-inquiry.ts';
import { lambda, type MakeAnswers } from '../runtime/lambda.ts';

export const answers: MakeAnswers = (load) => ({
  readInquiry: async ({ authorization, route, bound, path }) => {
    const exchange = await load();
    const counter = await authorize(authorization, route, bound, receiverOf(exchange));
    const json = await findInquiry(exchange)(path['id'] ?? '', counter);
    return { body: { type: 'application/json', json } };
  },
  readInquiryProof: async ({ authorization, route, bound, path }) => {
    const exchange = await load();
    const counter = await authorize(authorization, route, bound, receiverOf(exchange));
    const bytes = await proveInquiry(exchange)(path['id'] ?? '', counter);
    return { body: { type: 'text/plain; charset=utf-8', bytes } };
  },
});

export const handler = lambda(answers);
