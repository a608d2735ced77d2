import { authorizeSender } from '#shared/api/authorize.ts';
import { authorizePerson } from '#shared/api/authorize-person.ts';
import { nextLink } from '#shared/api/next-link.ts';
import { receiverOf } from '#shared/inquiry/exchange.ts';
import { onRecord } from '#shared/oversight/read-on-record.ts';
import { disputeAccess } from '#shared/oversight/subject/dispute-access.ts';
import {
  disputesFilter,
  listDisputes,
  parseDisputesQuery,
} from '#shared/oversight/subject/list-disputes.ts';
import { parseOwnQuery } from '#shared/oversight/subject/own-query.ts';
import { parseDispute } from '#shared/oversight/subject/parse-dispute.ts';
import { spendOfPerson } from '#shared/oversight/subject/person-limits.ts';
import { readOwn } from '#shared/oversight/subject/read-own.ts';
import { lambdaOver, type MakeAnswers } from '../runtime/lambda.ts';
import { loadSubjectReading, type SubjectReading } from '../runtime/subject-reading.ts';

export const answers: MakeAnswers<SubjectReading> = (load) => ({
  readOwnAccesses: async ({ authorization, query, language }) => {
    const reading = await load();
    const person = await authorizePerson(authorization, reading.persons);
    const asked = parseOwnQuery(query);
    await spendOfPerson(reading, person, 'reads');
    const json = await readOwn(reading)(person, asked, language);
    return {
      body: { type: 'application/json', json },
      headers: { 'content-language': language, vary: 'accept-language' },
    };
  },
  disputeAccess: async ({ authorization, body, json }) => {
    const reading = await load();
    const person = await authorizePerson(authorization, reading.persons);
    const { inquiry, ground } = parseDispute({ body, json });
    await spendOfPerson(reading, person, 'disputes');
    const result = await disputeAccess(reading)(person, inquiry, ground);
    return {
      body: { type: 'application/json', json: result },
      status: result.repeated ? 200 : 201,
    };
  },
  listDisputes: async ({ authorization, route, bound, query }) => {
    const reading = await load();
    const sender = await authorizeSender(authorization, route, bound, receiverOf(reading));
    const asked = parseDisputesQuery(query);
    const read = { ...sender, act: 'disputes', filter: disputesFilter(asked) } as const;
    const { disputes, next } = await onRecord(reading)(read, () =>
      listDisputes(reading)(asked, sender.by),
    );
    return {
      body: { type: 'application/json', json: { disputes, next } },
      headers: nextLink(reading.settings.origin, bound, next),
    };
  },
});

export const handler = lambdaOver(loadSubjectReading, answers);
