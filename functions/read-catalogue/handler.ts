import { listCatalogue, readCatalogue } from '#shared/registry/catalogue.ts';
import { readPublicKey } from '#shared/registry/public-key.ts';
import { aboutAllIn, directoryAsOf } from '#shared/registry/read-registry.ts';
import { parseOneQuery } from '#shared/registry/registry-query.ts';
import { lambdaOver, type MakeAnswers } from '../runtime/lambda.ts';
import { loadRegistryReading, type RegistryReading } from '../runtime/registry.ts';

type Parameters = Readonly<Record<string, string | undefined>>;

/** The registry now, or as of the time that the query names. */
const readingOf = async (load: () => Promise<RegistryReading>, query: Parameters) => {
  const { at } = parseOneQuery(query);
  const { directory, store } = await load();
  return {
    directory: at === undefined ? directory : directoryAsOf(store, at),
    aboutAll: aboutAllIn(store, at),
  };
};

export const answers: MakeAnswers<RegistryReading> = (load) => ({
  listServices: async ({ query }) => {
    const { directory } = await readingOf(load, query);
    return { body: { type: 'application/json', json: await listCatalogue(directory) } };
  },
  readService: async ({ path, query }) => {
    const { directory, aboutAll } = await readingOf(load, query);
    const name = `${path['agency'] ?? ''}/${path['name'] ?? ''}`;
    const json = await readCatalogue(directory, name, aboutAll);
    return { body: { type: 'application/json', json } };
  },
  readKey: async ({ path, query }) => {
    const { directory } = await readingOf(load, query);
    const json = await readPublicKey(directory, path['kid'] ?? '');
    return { body: { type: 'application/json', json } };
  },
});

export const handler = lambdaOver(loadRegistryReading, answers);
