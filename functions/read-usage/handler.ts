import { authorize } from '#shared/api/authorize.ts';
import { receiverOf } from '#shared/inquiry/exchange.ts';
import { readUsage, type UsageReading } from '#shared/inquiry/read-usage.ts';
import { parseUsageQuery } from '#shared/inquiry/usage-query.ts';
import { lambdaOver, type MakeAnswers } from '../runtime/lambda.ts';
import { loadUsageReading } from '../runtime/open-meters.ts';

export const answers: MakeAnswers<UsageReading> = (load) => ({
  readUsage: async ({ authorization, route, bound, query }) => {
    const reading = await load();
    const sender = await authorize(authorization, route, bound, receiverOf(reading));
    const json = await readUsage(reading)(parseUsageQuery(query, reading.now()), sender);
    return { body: { type: 'application/json', json } };
  },
});

export const handler = lambdaOver(loadUsageReading, answers);
