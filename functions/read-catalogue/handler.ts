import { listCatalogue, readCatalogue } from '#shared/registry/catalogue.ts';
import { readPublicKey } from '#shared/registry/public-key.ts';
import { lambda, type MakeAnswers } from '../runtime/lambda.ts';

export const answers: MakeAnswers = (load) => ({
  listServices: async () => {
    const { directory } = await load();
    return { body: { type: 'application/json', json: await listCatalogue(directory) } };
  },
  readService: async ({ path }) => {
    const { directory } = await load();
    const name = `${path['agency'] ?? ''}/${path['name'] ?? ''}`;
    return { body: { type: 'application/json', json: await readCatalogue(directory, name) } };
  },
  readKey: async ({ path }) => {
    const { directory } = await load();
    const json = await readPublicKey(directory, path['kid'] ?? '');
    return { body: { type: 'application/json', json } };
  },
});

export const handler = lambda(answers);
