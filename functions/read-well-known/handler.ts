import { checkHealth } from '#shared/inquiry/health.ts';
import { requirements } from '#shared/inquiry/requirements.ts';
import { lambda, type MakeAnswers } from '../runtime/lambda.ts';

export const answers: MakeAnswers = (load) => ({
  readKeys: async () => {
    const { kid, alg, jwk } = await (await load()).signer();
    const json = { keys: [{ ...jwk, kid, alg, use: 'sig' }] };
    return { body: { type: 'application/json', json }, headers: cached };
  },
  readRequirements: async () => {
    const json = await requirements(await load());
    return { body: { type: 'application/json', json }, headers: cached };
  },
  readHealth: async () => {
    const json = await checkHealth(await load());
    return { body: { type: 'application/json', json } };
  },
});

const cached = { 'cache-control': 'public, max-age=60' } as const;

export const handler = lambda(answers);
