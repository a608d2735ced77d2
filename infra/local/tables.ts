import type { RegistryEntry } from '#shared/registry/entry.ts';
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
export const tables = {
  JOURNAL_TABLE: 'estelam-journal',
  REGISTRY_TABLE: 'estelam-registry',
  LOG_TABLE: 'estelam-log',
  SIGNER_TABLE: 'estelam-signer',
  INDEX_TABLE: 'estelam-index',
  TRANSIENT_TABLE: 'estelam-transient',
};

/** Throws an error that names what the functions cannot be started with. */
export const checkVariables = async (
  variables: Readonly<Record<string, string | undefined>>,
): Promise<void> => {
  (await load('env.ts', 'readEnv'))(variables);
};

/**
 * Makes the tables where they are missing, and opens the registry so that its changes are on record in
 * the journal; what stands of `entries` is recorded where the log has yet to begin. `variables` are the
 * exchange's own environment.
 */
export const openRegistry = async (
  variables: Readonly<Record<string, string | undefined>>,
  entries: readonly RegistryEntry[],
): Promise<RegistryStore> => {
  const env = (await load('env.ts', 'readEnv'))(variables);
  const call = (await load('dynamo/client.ts', 'dynamoClient'))(env);
  const ensureTable = await load('dynamo/tables.ts', 'ensureTable');
  for (const table of Object.values(tables)) await ensureTable(call, table);
  const open = await load('recorded-registry.ts', 'openRecordedRegistry');
  const store = await open(env, entries);
  if (!isRegistryStore(store)) throw new TypeError('The registry has not the form of its port.');
  return store;
};
