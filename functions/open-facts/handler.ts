import { authorizeToken } from '#shared/api/authorize.ts';
import { writeLimits } from '#shared/api/limit-fields.ts';
import { receiverOf } from '#shared/inquiry/exchange.ts';
import { parseDisclosureRequest } from '#shared/oversight/facts/disclosure-request.ts';
import { openDisclosure } from '#shared/oversight/facts/open-disclosure.ts';
import { runSubjectSearch } from '#shared/oversight/facts/run-subject-search.ts';
import { parseSubjectSearch } from '#shared/oversight/facts/subject-search.ts';
import { useToken } from '#shared/oversight/use-token.ts';
import { type FactsReading, loadFactsReading } from '../runtime/facts-reading.ts';
import { lambdaOver, type MakeAnswers } from '../runtime/lambda.ts';

export const answers: MakeAnswers<FactsReading> = (load) => ({
  searchSubject: async ({ authorization, route, bound, json }) => {
    const reading = await load();
    const receiver = receiverOf(reading);
    const { token, ...sender } = await authorizeToken(authorization, route, bound, receiver);
    const search = parseSubjectSearch(json());
    await useToken(reading, token);
    const { page, limits } = await runSubjectSearch(reading)(search, sender);
    return {
      body: { type: 'application/json', json: page },
      headers: writeLimits(limits),
      // A further page is of the same search.
      ...(limits.length > 0 && { counted: 'SubjectSearches' }),
    };
  },
  openDisclosure: async ({ authorization, route, bound, json }) => {
    const reading = await load();
    const receiver = receiverOf(reading);
    const { token, ...sender } = await authorizeToken(authorization, route, bound, receiver);
    const request = parseDisclosureRequest(json());
    await useToken(reading, token);
    const { fact, limits } = await openDisclosure(reading)(request, sender);
    return {
      body: { type: 'application/json', json: fact },
      headers: writeLimits(limits),
      counted: 'Disclosures',
    };
  },
});

export const handler = lambdaOver(loadFactsReading, answers);
