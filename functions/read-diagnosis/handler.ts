import { authorize } from '#shared/api/authorize.ts';
import { diagnose } from '#shared/inquiry/diagnose.ts';
import { receiverOf } from '#shared/inquiry/exchange.ts';
import { findDiagnosis } from '#shared/inquiry/find-diagnosis.ts';
import { lambda, type MakeAnswers } from '../runtime/lambda.ts';

export const answers: MakeAnswers = (load) => ({
  readDiagnosis: async ({ authorization, route, bound, path }) => {
    const exchange = await load();
    const participant = await authorize(authorization, route, bound, receiverOf(exchange));
    const json = await findDiagnosis(exchange)(path['id'] ?? '', participant);
    return { body: { type: 'application/json', json } };
  },
  diagnoseMessage: async ({ body }) => {
    const text = body();
    const json = await diagnose(await load())(text);
    return { body: { type: 'application/json', json } };
  },
});

export const handler = lambda(answers);
