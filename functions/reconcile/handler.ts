import { authorizeSender } from '#shared/api/authorize.ts';
import { receiverOf } from '#shared/inquiry/exchange.ts';
import { roleOf } from '#shared/kernel/participant-id.ts';
import { reconcile } from '#shared/oversight/reconciliation/reconcile.ts';
import { parseReconciliation } from '#shared/oversight/reconciliation/reconciliation.ts';
import { lambdaOver, type MakeAnswers } from '../runtime/lambda.ts';
import { loadReconciling, type Reconciling } from '../runtime/reconciling.ts';

export const answers: MakeAnswers<Reconciling> = (load) => ({
  reconcile: async ({ authorization, route, bound, json }) => {
    const parts = await load();
    const sender = await authorizeSender(authorization, route, bound, receiverOf(parts));
    const isAgency = roleOf(sender.by) === 'agency';
    const handed = parseReconciliation(json(), { isAgency, now: parts.now() });
    return { body: { type: 'application/json', json: await reconcile(parts)(handed, sender) } };
  },
});

export const handler = lambdaOver(loadReconciling, answers);
