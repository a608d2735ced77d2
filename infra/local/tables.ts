import type { RegistryStore } from '#shared/registry/ports.ts';

type Loaded = (...values: readonly unknown[]) => unknown;

const isFunction = (value: unknown): value is Loaded => typeof value === 'function';

/** A function of functions/runtime: found by its path, as the handlers are. */
const load = async (file: string, name: string): Promise<Loaded> => {
  const path = new URL(`../../functions/runtime/${file}`, import.meta.url);
  const module: unknown = await import(path.href);
  const found = Object.entries(typeof module === 'object' && module !== null ? module : {});
  const value: unknown = found.find(([exported]) => exported === name)?.[1];
  if (!isFunction(value)) throw new TypeError(`functions/runtime/${file} has no ${name}.`);
  return value;
};

const isRegistryStore = (value: unknown): value is RegistryStore =>
  typeof value === 'object' && value !== null && 'put' in value && 'findService' in value;

/** The tables of an installation on one machine. */
export const tables = { JOURNAL_TABLE: 'estelam-journal', REGISTRY_TABLE: 'estelam-registry' };

/**
 * Makes the tables where they are missing, and opens the registry by the adapter that the exchange
 * itself uses. `variables` are the exchange's own environment.
 */
export const openRegistry = async (
  variables: Readonly<Record<string, string | undefined>>,
): Promise<RegistryStore> => {
  const env = (await load('env.ts', 'readEnv'))(variables);
  const call = (await load('dynamo/client.ts', 'dynamoClient'))(env);
  const ensureTable = await load('dynamo/tables.ts', 'ensureTable');
  for (const table of Object.values(tables)) await ensureTable(call, table);
  const open = await load('dynamo/registry-store.ts', 'dynamoRegistryStore');
  const store = open(call, tables.REGISTRY_TABLE);
  if (!isRegistryStore(store)) throw new TypeError('The registry has not the form of its port.');
  return store;
};
