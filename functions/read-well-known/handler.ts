import { checkHealth } from '#shared/inquiry/health.ts';
import { keySet } from '#shared/inquiry/key-set.ts';
import { requirements } from '#shared/inquiry/requirements.ts';
import { lambda, type MakeAnswers } from '../runtime/lambda.ts';

export const answers: MakeAnswers = (load) => ({
  readKeys: async () => {
    const json = keySet(await (await load()).publishedKeys());
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

/** Much shorter than any notice of a new key: a set from a cache has every key that signs. */
const cached = { 'cache-control': 'public, max-age=60' } as const;

export const handler = lambda(answers);
